import { addQuantity, excess, sumQuantities, type Quantity } from '../../kernel/quantity.ts';
import type { PoolFigures } from '../figures.ts';
import { groupBy } from '../sort.ts';
import type { Eligible } from './allocation-problem.ts';
import { demandOf, type PoolDemand, type ProfiledClass } from './demand-classes.ts';
import type { Outcome } from './lines.ts';
import { crossingOf, ownPath, refusalOf, type Crossings } from './paths.ts';
import type { profilesOf } from './profiles.ts';
import { slicesOf, type OfferedSlice } from './slices.ts';
import { solveAllocation } from './solve-allocation.ts';
import { Unions } from './unions.ts';

/** What was shared out among pools, and the demand of each of them. */
export interface Shared {
  readonly outcome: Outcome;
  readonly demands: ReadonlyMap<string, PoolDemand>;
}

/** Covers the demand of pools by their rights at the least cost, as far as their terms let them share. */
export function shareRights(
  linked: readonly PoolFigures[],
  crossings: Crossings,
  profiles: ReturnType<typeof profilesOf>,
): Shared {
  const { terms } = crossings;
  const all = sumQuantities(linked.map(({ met }) => met.required));
  const slices = linked.flatMap((each) => slicesOf(each, terms, all));
  const demands = new Map(
    linked.map((each) => [each.pool.id, demandOf(each, slices, terms, profiles(each.pool))]),
  );
  return { outcome: solved(linked, slices, demands, crossings), demands };
}

function solved(
  linked: readonly PoolFigures[],
  slices: readonly OfferedSlice[],
  demands: ReadonlyMap<string, PoolDemand>,
  crossings: Crossings,
): Outcome {
  const pools = new Map(linked.map((each) => [each.pool.id, each]));
  const classes = [...demands.values()].flatMap((each) => each.classes);
  const pinned = new Map<string, Quantity>();
  const idle = new Map<string, Quantity>();
  for (const { pins, idle: held } of demands.values()) {
    for (const { sliceId, quantity } of pins)
      pinned.set(sliceId, addQuantity(pinned.get(sliceId) ?? '0', quantity));
    for (const [sliceId, quantity] of held) idle.set(sliceId, quantity);
  }
  const free = slices.map((slice) => ({
    ...slice,
    quantity: excess(
      slice.quantity,
      addQuantity(pinned.get(slice.id) ?? '0', idle.get(slice.id) ?? '0'),
    ),
  }));
  const eligible = slices.flatMap((slice, at) => pathsOf(slice, at, { pools, classes, crossings }));
  const mixed = mixedPools(linked, { slices, classes, eligible });
  const isPriced = (poolId: string): boolean => !mixed.has(poolId);
  const allocated = solveAllocation({
    slices: free.map((slice) => (isPriced(slice.poolId) ? slice : { ...slice, unitCost: null })),
    classes: classes.map((each) => (isPriced(each.poolId) ? each : { ...each, trueUpPrice: null })),
    eligible,
  });
  return { ...allocated, slices, classes, eligible, pools, crossings, idle, isPriced };
}

/** Pools that hang together with others of another currency: no two currencies are ever added, so quantities alone decide. */
function mixedPools(
  linked: readonly PoolFigures[],
  { slices, classes, eligible }: Pick<Outcome, 'slices' | 'classes' | 'eligible'>,
): ReadonlySet<string> {
  const together = new Unions();
  for (const { slice, demand } of eligible)
    together.join(slices[slice]?.poolId ?? '', classes[demand]?.poolId ?? '');
  return new Set(
    [...groupBy(linked, ({ pool }) => together.find(pool.id)).values()]
      .filter((own) => new Set(own.flatMap(currenciesOf)).size > 1)
      .flatMap((own) => own.map(({ pool }) => pool.id)),
  );
}

/** The currencies in which a pool's rights are priced. */
export const currenciesOf = ({ price, pool }: PoolFigures): readonly string[] => [
  ...(price.kind === 'priced' ? [price.price.currency] : []),
  ...pool.entitlements.flatMap(({ fact }) => fact.body.currency ?? []),
];

function pathsOf(
  slice: OfferedSlice,
  at: number,
  {
    pools,
    classes,
    crossings,
  }: {
    readonly pools: ReadonlyMap<string, PoolFigures>;
    readonly classes: readonly ProfiledClass[];
    readonly crossings: Crossings;
  },
): readonly Eligible[] {
  const from = pools.get(slice.poolId);
  const crossed = new Map<string, ReturnType<typeof crossingOf>>();
  return classes.flatMap((demand, index): readonly Eligible[] => {
    const to = pools.get(demand.poolId);
    if (from === undefined || to === undefined || demand.quantity === '0') return [];
    if (from === to)
      return refusalOf(slice, demand) === null ? [ownPath(at, index, slice.kind)] : [];
    const known = crossed.get(demand.poolId);
    const path = known === undefined ? crossingOf(slice, from, to, crossings) : known;
    crossed.set(demand.poolId, path);
    if (path === null || 'reason' in path || refusalOf(slice, demand) !== null) return [];
    return [{ slice: at, demand: index, ...path }];
  });
}
