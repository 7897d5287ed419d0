import { compareQuantity, sumQuantities } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import type { Claim } from './demand.ts';
import type { HoldingRecord } from './holdings.ts';
import type { CountedEntitlement } from './rights.ts';
import { compareText } from './sort.ts';

/** What the data of a pool cannot be: no confident number then (rule c.1). */
interface DataGaps {
  readonly gaps: readonly string[];
  readonly doubts: readonly string[];
  /** Units in which its use was metered. */
  readonly units: readonly string[];
}

/** Records that are named; the rest is counted. */
const NAMED = 3;

/** Looks through what a pool is computed from. Use below nothing, rights taken that were never granted and periods that end before they begin are contradictions. */
export function dataGapsOf(parts: {
  readonly entitlements: readonly CountedEntitlement[];
  readonly claims: readonly Claim[];
  readonly records: readonly HoldingRecord[];
  readonly allocations: readonly Fact<'allocation'>[];
  readonly counts: readonly Fact<'seatCount'>[];
}): DataGaps {
  const { entitlements, claims, records, allocations, counts } = parts;
  const transactions = entitlements.flatMap((each) => each.transactions.map(({ fact }) => fact));
  const facts = [...claims.map(({ record }) => record), ...records, ...allocations, ...counts];
  const units = new Set(
    records.flatMap(({ body }) => ('unit' in body && body.unit !== undefined ? [body.unit] : [])),
  );
  return {
    gaps: [
      ...named('negative_quantity', facts.filter(isNegative)),
      ...named(
        'negative_rights',
        entitlements.filter(isOverdrawn).map(({ fact }) => fact),
      ),
      ...named('period_ends_before_it_begins', [...transactions, ...allocations].filter(isTurned)),
      ...(units.size > 1 ? [`mixed_units: ${[...units].toSorted(compareText).join(', ')}`] : []),
    ],
    doubts: named(
      'period_ends_before_it_begins',
      claims.map(({ record }) => record).filter(isTurned),
    ),
    units: [...units],
  };
}

function isNegative({ body }: { readonly body: object }): boolean {
  return QUANTITIES.some((name) => {
    const value: unknown = Reflect.get(body, name);
    return typeof value === 'string' && value.startsWith('-') && compareQuantity(value, '0') < 0;
  });
}

const QUANTITIES = [
  'quantity',
  'requested',
  'provided',
  'inGrace',
  'suspended',
  'assigned',
  'active',
] as const;

/** More was taken back than is granted on the day. Where nothing is granted any more, nothing is contradicted. */
function isOverdrawn({ transactions }: CountedEntitlement): boolean {
  const current = transactions.filter(({ inForce }) => inForce);
  const grants = current.some(({ rights }) => compareQuantity(rights, '0') > 0);
  return grants && compareQuantity(sumQuantities(current.map(({ rights }) => rights)), '0') < 0;
}

function isTurned({ body }: { readonly body: object }): boolean {
  const { validFrom, validTo } = body as { readonly validFrom?: string; readonly validTo?: string };
  return validFrom !== undefined && validTo !== undefined && validTo < validFrom;
}

function named(gap: string, facts: readonly { readonly externalRef: string }[]): string[] {
  const refs = [...new Set(facts.map(({ externalRef }) => externalRef))].toSorted(compareText);
  if (refs.length === 0) return [];
  const more = refs.length > NAMED ? ` and ${refs.length - NAMED} more` : '';
  return [`${gap}: ${refs.slice(0, NAMED).join(', ')}${more}`];
}
