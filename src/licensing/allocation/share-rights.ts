import { addQuantity, excess, sumQuantities, type Quantity } from '../../kernel/quantity.ts';
import type { PoolFigures } from '../figures.ts';
import type { Eligible } from './allocation-problem.ts';
import { demandOf, type PoolDemand, type ProfiledClass } from './demand-classes.ts';
import type { Outcome } from './lines.ts';
import { crossingOf, ownPath, refusalOf, type Crossings } from './paths.ts';
import type { profilesOf } from './profiles.ts';
import { slicesOf, type OfferedSlice } from './slices.ts';
import { solveAllocation } from './solve-allocation.ts';

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
  const currencies = new Set(
    linked.flatMap(({ pool, price }) => [
      ...(price.kind === 'priced' ? [price.price.currency] : []),
      ...pool.entitlements.flatMap(({ fact }) => fact.body.currency ?? []),
    ]),
  );
  // No two currencies are ever added: where there are several, quantities alone decide.
  const priced = currencies.size < 2;
  const allocated = solveAllocation({
    slices: priced ? free : free.map((slice) => ({ ...slice, unitCost: null })),
    classes: priced ? classes : classes.map((each) => ({ ...each, trueUpPrice: null })),
    eligible,
  });
  return { ...allocated, slices, classes, eligible, pools, crossings, idle, isPriced: priced };
}

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
