import { createHash } from 'node:crypto';
import type { FindingSeverity } from '../canonical/finding.ts';
import { addDays, type LocalDate } from '../kernel/dates.ts';
import { base32 } from '../kernel/ids.ts';

/** Days to deal with a finding, by its severity. */
const DUE_DAYS: Readonly<Record<FindingSeverity, number>> = {
  critical: 3,
  high: 7,
  medium: 30,
  low: 90,
};

/** The id of a finding. It depends on nothing else, so the same thing found again is the same finding. */
export function findingId(what: {
  readonly kind: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly sku: string | null;
  readonly connection?: string | undefined;
}): string {
  const { kind, subject, sku, connection } = what;
  const identity = JSON.stringify([kind, subject.type, subject.id, sku, connection]);
  return `fnd_${base32(createHash('sha256').update(identity).digest()).slice(0, 26)}`;
}

/** Until when a finding of a day is to be dealt with. */
export function findingDue(severity: FindingSeverity, asOf: LocalDate): LocalDate {
  return addDays(asOf, DUE_DAYS[severity]);
}
