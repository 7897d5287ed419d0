import type { Noun } from '../../canonical/nouns.ts';
import { parseFraction, rational, type Rational } from '../../kernel/rational.ts';
import type { PoolFigures } from '../figures.ts';
import type { CoverageKind, Eligible, WhyNot } from './allocation-problem.ts';
import type { ProfiledClass } from './demand-classes.ts';
import type { OfferedSlice } from './slices.ts';
import type { Terms } from './terms.ts';

/** How rights of one pool may serve another one, or why they may not; null where neither speaks of the other. */
export type PoolPath =
  | {
      readonly phase: number;
      readonly rank: number;
      readonly kind: CoverageKind;
      readonly ratio: Rational;
    }
  | { readonly reason: WhyNot }
  | null;

const ONE = rational(1n);

/** Phase and rank by what a slice is, for demand of its own pool (rule c.7). */
const OWN_PATHS: Readonly<
  Record<
    OfferedSlice['kind'],
    { readonly phase: number; readonly rank: number; readonly kind: CoverageKind }
  >
> = {
  unlimited: { phase: 2, rank: 0, kind: 'unlimited' },
  reserved: { phase: 3, rank: 0, kind: 'exact' },
  open: { phase: 3, rank: 1, kind: 'exact' },
  shared: { phase: 4, rank: 0, kind: 'shared_pool' },
  grace: { phase: 6, rank: 0, kind: 'grace' },
};

/** Use rights that let one product's right serve another product, in the order in which they are taken. */
const CROSSING: readonly {
  readonly kind: Noun<'useRight'>['kind'];
  readonly rank: number;
  readonly covers: CoverageKind;
}[] = [
  { kind: 'multi_version', rank: 0, covers: 'downgrade' },
  { kind: 'downgrade', rank: 1, covers: 'downgrade' },
  { kind: 'edition_downgrade', rank: 2, covers: 'downgrade' },
  { kind: 'upgrade', rank: 3, covers: 'upgrade' },
];

/** Who may serve whom between the pools of a problem. */
export interface Crossings {
  readonly terms: Terms;
  /** The pools of components that a pool of suites may serve. */
  readonly componentsOf: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Whether a slice may serve another pool than its own. */
export function crossingOf(
  slice: OfferedSlice,
  from: PoolFigures,
  to: PoolFigures,
  { terms, componentsOf }: Crossings,
): PoolPath {
  if (from.pool.posture !== to.pool.posture || slice.entitlement === null) return null;
  if (from.pool.ownerRef !== to.pool.ownerRef) return ofAffiliate(slice, from, to, terms);
  const sameMetric = from.metric?.code === to.metric?.code;
  if (componentsOf.get(from.pool.id)?.has(to.pool.id) === true)
    return sameMetric
      ? { phase: 1, rank: 0, kind: 'suite', ratio: ONE }
      : { reason: 'metric_mismatch' };
  const models = new Set(terms.modelsOf(to.pool.skuCode));
  const crossing = slice.useRights.filter(({ kind }) =>
    CROSSING.some((each) => each.kind === kind),
  );
  const rights = crossing.filter(({ targetModelRefs }) =>
    targetModelRefs.some((target) => models.has(target)),
  );
  const found = CROSSING.find(({ kind }) => rights.some((right) => right.kind === kind));
  if (found === undefined) return crossing.length > 0 ? { reason: 'version_not_covered' } : null;
  if (!sameMetric) return { reason: 'metric_mismatch' };
  const right = rights.find(({ kind }) => kind === found.kind);
  return {
    phase: 5,
    rank: found.rank,
    kind: found.covers,
    ratio: parseFraction(right?.ratio ?? '1'),
  };
}

/** Rights of one company for another one's use of the same product: only where the agreement says who is an affiliate. */
function ofAffiliate(
  slice: OfferedSlice,
  from: PoolFigures,
  to: PoolFigures,
  terms: Terms,
): PoolPath {
  const fact = slice.entitlement?.fact;
  if (fact === undefined || from.pool.skuCode !== to.pool.skuCode) return null;
  const isShared =
    terms.affiliatesOf(fact) !== undefined ||
    terms.sublicensesOf(fact).some(({ granteeRef }) => granteeRef === to.pool.ownerRef);
  return isShared ? { phase: 4, rank: 1, kind: 'shared_pool', ratio: ONE } : null;
}

/** The path from one slice to one class of its own pool. */
export function ownPath(slice: number, demand: number, kind: OfferedSlice['kind']): Eligible {
  return { slice, demand, ratio: ONE, ...OWN_PATHS[kind] };
}

/** Whether a slice may serve this class at all, whatever pool it is of. */
export function refusalOf(slice: OfferedSlice, demand: ProfiledClass): WhyNot | null {
  return slice.refuses(demand.profile);
}
