import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import { Row } from './schema.ts';
import type { StampField } from './streams.ts';

const STAMP_FIELDS = new Set(['CreatedDate', 'LastModifiedDate', 'SystemModstamp']);
/** A double holds 15 decimal digits for certain; with more, what we parsed may not be what was sent. */
const SAFE_DIGITS = 15;

export type ReadRow =
  | { readonly kind: 'record'; readonly record: SourceRecord }
  | { readonly kind: 'unreadable'; readonly unreadable: UnreadableRecord };

/**
 * The source's stamp as sortable UTC text. Salesforce writes `+0000` here and `Z` there, and other zones
 * nowhere; all are read.
 */
export function normalizeStamp(text: string): string {
  if (text.length === 28 && text.endsWith('+0000')) return `${text.slice(0, 23)}Z`;
  if (text.length === 24 && text.endsWith('Z')) return text;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? text : new Date(instant).toISOString();
}

/** True if a parsed figure may differ from the digits that were sent. */
export function mayHaveLostDigits(value: number): boolean {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return false;
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
    return true;
  const digits = value.toExponential().split('e')[0]?.replace(/[-.]/g, '') ?? '';
  return digits.length > SAFE_DIGITS;
}

/** What keeps a row from landing as it is. */
type Flaw = Pick<UnreadableRecord, 'code' | 'reason'>;

/** Without the vendor's `attributes`, at the top and in a related record; names the first thing that is wrong. */
function clean(raw: object): { readonly data: JsonObject; readonly flaw: Flaw | null } {
  const data: Record<string, Json> = {};
  let flaw: Flaw | null = null;
  const members = raw as { readonly [name: string]: Json };
  // Names alone: a list of names and values is made for nothing, and for every row.
  for (const name of Object.keys(members)) {
    if (name === 'attributes') continue;
    const value = members[name] ?? null;
    if (name === '__proto__') flaw ??= FORBIDDEN_KEY;
    else if (typeof value === 'object' && value !== null) {
      const inner = clean(value);
      flaw ??= inner.flaw;
      data[name] = inner.data;
    } else {
      if (typeof value === 'number' && mayHaveLostDigits(value)) flaw ??= lostDigits(name);
      const isStamp = typeof value === 'string' && STAMP_FIELDS.has(name);
      data[name] = isStamp ? normalizeStamp(value) : value;
    }
  }
  return { data, flaw };
}

const FORBIDDEN_KEY: Flaw = {
  code: 'forbidden_key',
  reason: 'The row has a field called __proto__, which no field of Salesforce is called. Check what stands between us and it.', // prettier-ignore
};

function lostDigits(name: string): Flaw {
  const reason = `${name} has more than ${SAFE_DIGITS} digits and cannot be read exactly. Round it in Salesforce, then retry the record.`;
  return { code: 'number_precision', reason };
}

/**
 * One row of a page as a source record, or why it cannot be one. A row without identity is rejected; one
 * whose figures lost digits in parsing is quarantined. `stampField` tells when the row came to be what it is.
 */
export function readRow(raw: unknown, stampField: StampField = 'SystemModstamp'): ReadRow {
  const row = Row.safeParse(raw);
  const stamp = row.success ? row.data[stampField] : undefined;
  if (!row.success || stamp === undefined || typeof raw !== 'object' || raw === null) {
    const reason = `The row has no 18-character Id or no ${stampField}, so it cannot be told apart from others. Report it with the name of the object.`;
    return {
      kind: 'unreadable',
      unreadable: { id: null, code: 'no_identity', reason, outcome: 'rejected' },
    };
  }
  const { Id: id, IsDeleted: deleted = false } = row.data;
  const { data, flaw } = clean(raw);
  if (flaw === null)
    return { kind: 'record', record: { id, stamp: normalizeStamp(stamp), deleted, data } };
  return { kind: 'unreadable', unreadable: { id, ...flaw, outcome: 'quarantined' } };
}
