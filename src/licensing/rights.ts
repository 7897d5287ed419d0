import { addDays, contains, type LocalDate } from '../kernel/dates.ts';
import {
  compareQuantity,
  excess,
  quantity,
  sumQuantities,
  type Quantity,
} from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';

export interface CountedTransaction {
  readonly fact: Fact<'entitlementTransaction'>;
  /** Its delta. */
  readonly rights: Quantity;
  readonly inForce: boolean;
}

/** What one entitlement gives on the day. */
export interface CountedEntitlement {
  readonly fact: Fact<'entitlement'>;
  readonly owned: Quantity;
  /** Rights that ended within the agreement's grace; never part of `owned` (G-10). */
  readonly grace: Quantity;
  /** The first day on which rights in grace were no longer in force. */
  readonly graceSince: LocalDate | null;
  readonly unlimited: boolean;
  /** True if its agreement squares use beyond the count later, at its next true-up. */
  readonly truesUp: boolean;
  readonly reason: 'in_force' | 'draft' | 'not_in_force' | 'agreement_ended';
  readonly transactions: readonly CountedTransaction[];
}

export interface RightsTerms {
  readonly asOf: LocalDate;
  readonly agreement: Fact<'agreement'> | undefined;
}

const ENDED = new Set(['terminated', 'cancelled', 'canceled', 'suspended', 'void']);

/**
 * Rights of one entitlement on a day (rule c.2): the sum of its transactions in force. A draft gives
 * none, an ended or suspended agreement gives none, and an early renewal gives none before its own start (G-57).
 */
export function rightsOf(
  entitlement: Fact<'entitlement'>,
  transactions: readonly Fact<'entitlementTransaction'>[],
  terms: RightsTerms,
): CountedEntitlement {
  const counted = transactions.map((fact) => ({
    fact,
    rights: quantity(fact.body.quantityDelta),
    inForce: inForce(fact, terms.asOf, 0),
  }));
  const nothing = {
    fact: entitlement,
    owned: '0',
    grace: '0',
    graceSince: null,
    unlimited: false,
    truesUp: false,
    transactions: counted,
  };
  if (entitlement.body.status === 'draft') return { ...nothing, reason: 'draft' };
  if (ENDED.has(terms.agreement?.body.status?.toLowerCase() ?? ''))
    return { ...nothing, reason: 'agreement_ended' };
  const current = counted.filter((each) => each.inForce);
  const sum = sumQuantities(current.map((each) => each.rights));
  return {
    ...nothing,
    owned: excess(sum, '0'),
    ...graceOf(counted, excess(sum, '0'), terms),
    truesUp: current.length > 0 && truesUp(terms),
    unlimited: entitlement.body.unlimited && current.length > 0 && compareQuantity(sum, '0') >= 0,
    reason: current.length > 0 ? 'in_force' : 'not_in_force',
  };
}

function inForce(
  fact: Fact<'entitlementTransaction'>,
  asOf: LocalDate,
  graceDays: number,
): boolean {
  const { validFrom, validTo } = fact.body;
  const to = validTo === undefined ? undefined : addDays(validTo, graceDays);
  return contains({ from: validFrom ?? asOf, to }, asOf);
}

function truesUp({ asOf, agreement }: RightsTerms): boolean {
  if (agreement?.body.trueUpPolicyRef === undefined) return false;
  const { validFrom, validTo } = agreement.body;
  return contains({ from: validFrom ?? asOf, to: validTo }, asOf);
}

function graceOf(
  counted: readonly CountedTransaction[],
  owned: Quantity,
  terms: RightsTerms,
): Pick<CountedEntitlement, 'grace' | 'graceSince'> {
  const days = terms.agreement?.body.graceDays ?? 0;
  const stretched = counted.filter((each) => inForce(each.fact, terms.asOf, days));
  const ended = stretched
    .filter((each) => !each.inForce)
    .map((each) => each.fact.body.validTo ?? terms.asOf);
  const grace = excess(sumQuantities(stretched.map((each) => each.rights)), owned);
  return { grace, graceSince: grace === '0' ? null : (ended.toSorted()[0] ?? null) };
}

/**
 * The grace rights of a pool: what ended within grace, less what took its place. Rights that started when the old
 * ones ended, or later, are their renewal, and a renewed term has no grace.
 */
export function poolGrace(entitlements: readonly CountedEntitlement[]): Quantity {
  const since = entitlements.flatMap((each) => each.graceSince ?? []).toSorted()[0];
  if (since === undefined) return '0';
  const renewed = entitlements
    .flatMap((each) => (each.reason === 'in_force' ? each.transactions : []))
    .filter((each) => each.inForce && (each.fact.body.validFrom ?? '') >= since)
    .map((each) => each.rights);
  return excess(
    sumQuantities(entitlements.map((each) => each.grace)),
    excess(sumQuantities(renewed), '0'),
  );
}
