import { excess, minQuantity, type Quantity } from '../../kernel/quantity.ts';
import { divide, parseDecimal, rational, type Rational } from '../../kernel/rational.ts';
import type { Fact } from '../../ledger/fact.ts';
import type { PoolFigures } from '../figures.ts';
import type { CountedEntitlement } from '../rights.ts';
import type { RightsSlice, WhyNot } from './allocation-problem.ts';
import type { Profile } from './profiles.ts';
import type { Terms } from './terms.ts';

type Rule = Fact<'consumptionRule'>['body'];

/** A slice with what its entitlement says of who may draw on it. */
export interface OfferedSlice extends RightsSlice {
  readonly kind: 'reserved' | 'shared' | 'open' | 'unlimited' | 'grace';
  readonly entitlement: CountedEntitlement | null;
  readonly useRights: readonly Fact<'useRight'>['body'][];
  /** Null if a party with this profile may draw on it, else why not. */
  refuses(profile: Profile): WhyNot | null;
}

const NOBODY_REFUSED = (): null => null;

/**
 * The rights of a pool by who may draw on them: for each entitlement what is set aside by sublicences and reservations, in
 * the order of their references and never more than there is, and the rest. `all` is the demand of the whole problem: as
 * much as an unlimited entitlement can be asked for.
 */
export function slicesOf(
  figures: PoolFigures,
  terms: Terms,
  all: Quantity,
): readonly OfferedSlice[] {
  const { pool, owned, grace } = figures;
  const contract = pool.entitlements.flatMap((each) =>
    entitlementSlices(figures, each, terms, all),
  );
  const alone = { poolId: pool.id, entitlementRef: null, entitlement: null, unitCost: null, validTo: null, validFrom: null, useRights: [], refuses: NOBODY_REFUSED }; // prettier-ignore
  return [
    ...contract,
    ...(pool.entitlements.length === 0 && owned !== '0'
      ? [{ ...alone, id: `${pool.id}/publisher`, kind: 'open' as const, quantity: owned }]
      : []),
    ...(grace === '0'
      ? []
      : [{ ...alone, id: `${pool.id}/grace`, kind: 'grace' as const, quantity: grace }]),
  ];
}

function entitlementSlices(
  { pool }: PoolFigures,
  entitlement: CountedEntitlement,
  terms: Terms,
  all: Quantity,
): readonly OfferedSlice[] {
  const { fact, owned, unlimited } = entitlement;
  const rules = terms.rulesOf(fact);
  const offer = (
    part: string,
    kind: OfferedSlice['kind'],
    quantity: Quantity,
    refuses: OfferedSlice['refuses'],
  ): OfferedSlice => ({
    id: `${pool.id}/${fact.connection}/${fact.externalRef}/${part}`,
    poolId: pool.id,
    entitlementRef: fact.externalRef,
    kind,
    quantity,
    entitlement,
    useRights: terms.useRightsOf(fact),
    unitCost:
      kind === 'unlimited' ? rational(0n) : unitCostOf(fact, pool.entry?.rightsPerPack ?? 1),
    ...termOf(entitlement),
    refuses,
  });
  const slices: OfferedSlice[] = [];
  let left = owned;
  const setAside = (part: string, quantity: Quantity, refuses: OfferedSlice['refuses']): void => {
    const taken = minQuantity(quantity, left);
    left = excess(left, taken);
    slices.push(offer(part, 'reserved', taken, refuses));
  };
  for (const { externalRef, granteeRef, quantity } of terms.sublicensesOf(fact))
    setAside(`sublicense/${externalRef}`, quantity, ({ org }) =>
      org === granteeRef ? null : 'reserved_for_other',
    );
  const affiliated = affiliateCheck(entitlement, terms);
  for (const rule of rules) {
    if (rule.reservedQuantity === undefined) continue;
    setAside(
      `rule/${rule.externalRef}`,
      rule.reservedQuantity,
      (profile) =>
        affiliated(profile) ?? (isNamed(rule, profile, terms) ? null : refusalOf([rule])),
    );
  }
  const restricted = rules.length > 0 && !rules.some((rule) => rule.unrestrictedRemainder);
  const others = (profile: Profile): WhyNot | null =>
    affiliated(profile) ??
    (restricted && !rules.some((rule) => isNamed(rule, profile, terms)) ? refusalOf(rules) : null);
  slices.push(offer('rest', rules.length > 0 ? 'shared' : 'open', left, others));
  if (unlimited) slices.push(offer('unlimited', 'unlimited', all, others));
  return slices;
}

/** When the first of its rights in force end, and when they began. */
function termOf({ transactions }: CountedEntitlement): Pick<RightsSlice, 'validTo' | 'validFrom'> {
  const days = transactions.filter((each) => each.inForce).map((each) => each.fact.body);
  const first = (list: readonly string[]): string | null => list.toSorted().at(0) ?? null;
  return {
    validTo: first(days.flatMap(({ validTo }) => validTo ?? [])),
    validFrom: first(days.flatMap(({ validFrom }) => validFrom ?? [])),
  };
}

/** Where the agreement says who is an affiliate, nobody else may draw; demand that nobody places is the owner's own. */
function affiliateCheck(
  { fact }: CountedEntitlement,
  terms: Terms,
): (profile: Profile) => WhyNot | null {
  const definition = terms.affiliatesOf(fact);
  return ({ org }) =>
    definition === undefined ||
    org === undefined ||
    terms.tree.isAffiliate(definition, fact.body.ownerRef, org)
      ? null
      : 'not_affiliate';
}

function isNamed(
  { dimension, value, includeChildren }: Rule,
  profile: Profile,
  terms: Terms,
): boolean {
  const own = profile[dimension];
  if (own === undefined) return false;
  if (own.toLowerCase() === value.toLowerCase()) return true;
  return dimension === 'org' && includeChildren && terms.tree.isBelow(own, value);
}

function refusalOf(rules: readonly Rule[]): WhyNot {
  const isPlace = ({ dimension }: Rule): boolean =>
    dimension === 'region' || dimension === 'country';
  return rules.every((rule) => isPlace(rule) && rule.reservedQuantity === undefined)
    ? 'wrong_region'
    : 'reserved_for_other';
}

function unitCostOf({ body }: Fact<'entitlement'>, rightsPerPack: number): Rational | null {
  if (body.unitPrice === undefined) return null;
  return divide(parseDecimal(body.unitPrice), rational(BigInt(rightsPerPack)));
}
