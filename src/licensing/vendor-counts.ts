import type { LocalDate } from '../kernel/dates.ts';
import {
  compareQuantity,
  excess,
  minQuantity,
  sumQuantities,
  type Quantity,
} from '../kernel/quantity.ts';
import { divide, multiply, parseDecimal, rational, toFixed } from '../kernel/rational.ts';
import type { Fact } from '../ledger/fact.ts';
import { byAccount } from '../ledger/identity/identities.ts';
import type { MeterResult, MetricDefinition } from '../sdk/define-metric.ts';
import type { Claim } from './demand.ts';
import { poolGrace, type CountedEntitlement } from './rights.ts';
import { compareText } from './sort.ts';

/** What vendors and observers say of one pool as a whole. A figure that none of them gives is null. */
export interface VendorCount {
  readonly factIds: readonly string[];
  readonly connections: ReadonlySet<string>;
  /** Records that count assigned seats. */
  readonly counting: number;
  /** Seats that the publisher itself provides, has in grace, and has suspended; others' words are no rights. */
  readonly provided: Quantity | null;
  readonly inGrace: Quantity | null;
  readonly suspended: Quantity | null;
  readonly assigned: Quantity | null;
  readonly active: Quantity | null;
}

/** Counts of persons that count somebody; what is bought once for a whole company counts nobody. */
export const countsPersons = ({ body }: Fact<'seatCount'>): boolean =>
  body.subject === 'person' &&
  [body.provided, body.inGrace, body.suspended, body.assigned].some(
    (each) => each !== undefined && compareQuantity(each, '0') !== 0,
  );

/** Adds up what is said of one pool. Seats that have expired are provided no more. */
export function vendorCountOf(facts: readonly Fact<'seatCount'>[], asOf: LocalDate): VendorCount {
  const sumOf = (figures: readonly (Quantity | undefined)[]): Quantity | null => {
    const stated = figures.filter((each) => each !== undefined);
    return stated.length === 0 ? null : sumQuantities(stated);
  };
  const stated = facts.filter(({ body }) => body.authority === 'publisher');
  const lasting = (body: Fact<'seatCount'>['body'], figure: Quantity | undefined) =>
    figure !== undefined && body.expiresOn !== undefined && body.expiresOn < asOf ? '0' : figure;
  return {
    factIds: facts.map(({ factId }) => factId).toSorted(compareText),
    connections: new Set(facts.map(({ connection }) => connection)),
    counting: facts.filter(({ body }) => body.assigned !== undefined).length,
    provided: sumOf(stated.map(({ body }) => lasting(body, body.provided))),
    inGrace: sumOf(stated.map(({ body }) => lasting(body, body.inGrace))),
    suspended: sumOf(stated.map(({ body }) => body.suspended)),
    assigned: sumOf(facts.map(({ body }) => body.assigned)),
    active: sumOf(facts.map(({ body }) => body.active)),
  };
}

/** The rights of a pool, and on whose word. */
export interface PoolRights {
  readonly owned: Quantity;
  readonly grace: Quantity;
  readonly basis: 'contract' | 'publisher' | 'unknown';
}

/**
 * What a pool owns. The contract says; where none is known, the publisher's own count of provided seats stands for it (G-06);
 * else nobody knows (G-07). Seats that the publisher has in grace are tolerated as far as they go beyond the contract, so
 * rights that were renewed are not counted twice.
 */
export function poolRights(pool: {
  readonly entitlements: readonly CountedEntitlement[];
  readonly vendor: VendorCount | null;
}): PoolRights {
  const { entitlements, vendor } = pool;
  const provided = vendor?.provided ?? null;
  const inGrace = vendor?.inGrace ?? '0';
  if (entitlements.length === 0)
    return provided === null
      ? { owned: '0', grace: '0', basis: 'unknown' }
      : { owned: provided, grace: inGrace, basis: 'publisher' };
  const owned = sumQuantities(entitlements.map((each) => each.owned));
  const agreed = poolGrace(entitlements);
  const tolerated =
    provided === null
      ? '0'
      : minQuantity(inGrace, excess(sumQuantities([provided, inGrace]), owned));
  const grace = compareQuantity(agreed, tolerated) >= 0 ? agreed : tolerated;
  return { owned, grace, basis: 'contract' };
}

/**
 * The demand of a pool of persons of which a vendor gives the count and nobody the names; null where names are known or
 * nobody counts.
 */
export function countedDemand(
  pool: { readonly claims: readonly Claim[]; readonly vendor: VendorCount | null },
  metric: MetricDefinition,
): MeterResult | null {
  const { claims, vendor } = pool;
  const assigned = vendor?.assigned ?? null;
  if (metric.family !== 'user' || claims.length > 0 || vendor === null || assigned === null)
    return null;
  return {
    required: assigned,
    counted: [],
    excluded: [],
    warnings: [
      'counted_by_vendor',
      // A person with seats in two of them is counted by both, and nobody says who is.
      ...(vendor.counting > 1 ? [`counts_may_overlap: ${vendor.counting}`] : []),
    ],
    explanation: [`Counted by the vendor: ${assigned} seats; nobody says whose they are.`],
  };
}

/** The vendor's figures as a line shows them; the share of seats in use is in percent of the assigned ones. */
export function vendorFigures(vendor: VendorCount | null): Readonly<Record<string, string>> {
  if (vendor === null) return {};
  const { provided, inGrace, suspended, assigned, active } = vendor;
  const stated = {
    vendorProvided: provided,
    vendorInGrace: inGrace,
    vendorSuspended: suspended,
    vendorAssigned: assigned,
    vendorActive: active,
    activeUtilisation: shareOf(active, assigned),
  };
  return Object.fromEntries(
    Object.entries(stated).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

function shareOf(part: Quantity | null, whole: Quantity | null): string | null {
  if (part === null || whole === null || compareQuantity(whole, '0') <= 0) return null;
  const percent = multiply(divide(parseDecimal(part), parseDecimal(whole)), rational(100n));
  return toFixed(percent, 2);
}

/** Where the publisher's word and what else is known differ: the contract, or the seats whose holders are known. */
export function vendorDoubts(pool: {
  readonly entitlements: readonly CountedEntitlement[];
  readonly claims: readonly Claim[];
  readonly vendor: VendorCount | null;
}): readonly string[] {
  const { vendor, claims } = pool;
  if (vendor === null) return [];
  const { owned, basis } = poolRights(pool);
  const { provided, assigned } = vendor;
  const differs =
    basis === 'contract' && provided !== null && compareQuantity(provided, owned) !== 0;
  const logins = new Set(
    claims.flatMap(({ record }) =>
      record.noun === 'seatAssignment' && vendor.connections.has(record.connection)
        ? [byAccount(record.connection, record.body.userAccountRef)]
        : [],
    ),
  );
  const miscounted =
    logins.size > 0 && assigned !== null && compareQuantity(assigned, String(logins.size)) !== 0;
  return [
    ...(basis === 'publisher' ? ['owned_by_publisher_count'] : []),
    ...(differs ? [`publisher_provides: ${provided}`] : []),
    ...(miscounted ? [`vendor_counts: ${assigned} assigned, ${logins.size} known`] : []),
  ];
}
