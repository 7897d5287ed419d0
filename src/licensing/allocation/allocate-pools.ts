import {
  addQuantity,
  compareQuantity,
  excess,
  sumQuantities,
  subtractQuantity,
  type Quantity,
} from '../../kernel/quantity.ts';
import type { PoolFigures } from '../figures.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Eligible } from './allocation-problem.ts';
import { demandOf, type PoolDemand, type ProfiledClass } from './demand-classes.ts';
import { linesOfPool, type Outcome } from './lines.ts';
import { crossingOf, ownPath, refusalOf, type Crossings } from './paths.ts';
import type { PoolAllocation } from './pool-allocation.ts';
import { profilesOf } from './profiles.ts';
import { slicesOf, type OfferedSlice } from './slices.ts';
import { solveAllocation } from './solve-allocation.ts';
import { inferSuites } from './suites.ts';
import { sharesRights, termsOf } from './terms.ts';

/** A pool on the way to its line, with its allocation; null where it stands for itself. */
export interface AllocatedPool {
  readonly figures: PoolFigures;
  readonly allocation: PoolAllocation | null;
}

/**
 * Shares rights out between the pools of a snapshot by what agreements say of their use: suites, reservations, places,
 * affiliates, sublicences, and rights that cover other versions and editions (rules c.5 and c.7). Pools that nothing of it
 * speaks of are returned as they are.
 */
export function allocatePools(
  counted: readonly PoolFigures[],
  snapshot: Snapshot,
): readonly AllocatedPool[] {
  if (!sharesRights(snapshot)) return counted.map((figures) => ({ figures, allocation: null }));
  const terms = termsOf(snapshot);
  const { figures, componentsOf } = inferSuites(counted, snapshot, terms);
  const crossings: Crossings = { terms, componentsOf };
  const linked = linkedPools(figures, crossings);
  const profiles = profilesOf(snapshot);
  const all = sumQuantities(linked.map(({ met }) => met.required));
  const slices = linked.flatMap((each) => slicesOf(each, terms, all));
  const demands = new Map(
    linked.map((each) => [each.pool.id, demandOf(each, slices, terms, profiles(each.pool))]),
  );
  const outcome = share(linked, slices, demands, crossings);
  return figures.map((each) => {
    const demand = demands.get(each.pool.id);
    if (demand === undefined) return { figures: each, allocation: null };
    return { figures: each, allocation: allocationOf(each, demand, outcome) };
  });
}

/** Pools whose rights or demand some term speaks of. A pool that nobody can count takes no part. */
function linkedPools(
  figures: readonly PoolFigures[],
  crossings: Crossings,
): readonly PoolFigures[] {
  const { terms, componentsOf } = crossings;
  const able = figures.filter(({ metric, pool }) => metric !== null && pool.ownerRef !== 'unknown');
  const parts = new Set([...componentsOf.values()].flatMap((each) => [...each]));
  const giving = able.filter(({ pool }) =>
    pool.entitlements.some(
      ({ fact }) =>
        terms.rulesOf(fact).length +
          terms.useRightsOf(fact).length +
          terms.sublicensesOf(fact).length >
          0 || terms.affiliatesOf(fact) !== undefined,
    ),
  );
  const ids = new Set([...giving.map(({ pool }) => pool.id), ...componentsOf.keys(), ...parts]);
  const targets = new Set(
    giving.flatMap(({ pool }) =>
      pool.entitlements.flatMap(({ fact }) =>
        terms.useRightsOf(fact).flatMap(({ targetModelRefs }) => targetModelRefs),
      ),
    ),
  );
  const shared = new Set(giving.map(({ pool }) => pool.skuCode));
  return able.filter(
    ({ pool }) =>
      ids.has(pool.id) ||
      (pool.posture === 'licensor' && shared.has(pool.skuCode)) ||
      terms.modelsOf(pool.skuCode).some((model) => targets.has(model)),
  );
}

function share(
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
  const solved = solveAllocation({
    slices: priced ? free : free.map((slice) => ({ ...slice, unitCost: null })),
    classes: priced ? classes : classes.map((each) => ({ ...each, trueUpPrice: null })),
    eligible,
  });
  return { ...solved, slices, classes, eligible, pools, crossings, idle, isPriced: priced };
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

function allocationOf(
  { pool, met, owned }: PoolFigures,
  { pins, idle, overAllocated }: PoolDemand,
  outcome: Outcome,
): PoolAllocation {
  const { slices, classes, covered, unmet, unused } = outcome;
  const isOwn = (index: number): boolean => slices[index]?.poolId === pool.id;
  const isFor = (index: number): boolean => classes[index]?.poolId === pool.id;
  const sum = (
    passes: (each: (typeof covered)[number]) => boolean,
    figure: 'quantity' | 'rightsConsumed' = 'quantity',
  ): Quantity => sumQuantities(covered.filter(passes).map((each) => each[figure]));
  const ordinary = (index: number): boolean =>
    isOwn(index) && slices[index]?.kind !== 'grace' && slices[index]?.kind !== 'unlimited';
  const allocatedInUse = sumQuantities(pins.map(({ quantity }) => quantity));
  const allocatedNotInUse = sumQuantities(idle.values());
  const secondary = second(outcome, pool.id, pins);
  const short = sumQuantities([...unmet.filter((_, index) => isFor(index)), secondary.short]);
  const ofUnlimited = (sliceId: string): boolean =>
    slices.find(({ id }) => id === sliceId)?.kind === 'unlimited';
  return {
    split: {
      allocatedInUse,
      allocatedNotInUse,
      notAllocatedInUse: subtractQuantity(met.required, allocatedInUse),
      notAllocated: excess(owned, addQuantity(allocatedInUse, allocatedNotInUse)),
      rightsReserved: addQuantity(met.required, allocatedNotInUse),
      rightsInUse: met.required,
      surplus: sumQuantities(unused.filter((_, index) => ordinary(index))),
      shortfall: short,
      graceCovered: sum(({ path }) => isOwn(path.slice) && path.kind === 'grace'),
      unlimitedCovered: sumQuantities([
        sum(({ path }) => isOwn(path.slice) && isFor(path.demand) && path.kind === 'unlimited'),
        ...pins.filter(({ sliceId }) => ofUnlimited(sliceId)).map(({ quantity }) => quantity),
        ...[...idle].filter(([sliceId]) => ofUnlimited(sliceId)).map(([, quantity]) => quantity),
      ]),
      overAllocated,
    },
    coveredByOthers: sum(({ path }) => isFor(path.demand) && !isOwn(path.slice)),
    lentToOthers: sum(({ path }) => ordinary(path.slice) && !isFor(path.demand), 'rightsConsumed'),
    coveredBySecondaryUse: secondary.covered,
    mayServe:
      outcome.crossings.componentsOf.has(pool.id) ||
      outcome.eligible.some(({ slice, demand }) => isOwn(slice) && !isFor(demand)),
    mayBeServed:
      [...outcome.crossings.componentsOf.values()].some((parts) => parts.has(pool.id)) ||
      outcome.eligible.some(({ slice, demand }) => !isOwn(slice) && isFor(demand)),
    lines: linesOfPool(pool.id, outcome, pins),
    warnings: [
      ...(outcome.heuristic
        ? ['heuristic: rights of another ratio were not shared out at the least cost']
        : []),
      ...(outcome.isPriced ? [] : ['allocated_without_prices: mixed currencies']),
    ],
  };
}

/** Devices that hang on others: covered with them, short with them. */
function second(
  { classes, unmet }: Outcome,
  poolId: string,
  pins: PoolDemand['pins'],
): { readonly covered: Quantity; readonly short: Quantity } {
  const tied = classes.flatMap((each, index) =>
    each.poolId === poolId && each.tied > 0 ? [{ each, unmet: unmet[index] ?? '0' }] : [],
  );
  const times = (quantity: Quantity, factor: number): Quantity =>
    sumQuantities(Array.from({ length: factor }, () => quantity));
  const pinnedTo = (id: string): Quantity =>
    sumQuantities(pins.filter(({ classId }) => classId === id).map(({ quantity }) => quantity));
  return {
    covered: sumQuantities(
      tied.map(({ each, unmet: short }) =>
        times(addQuantity(excess(each.quantity, short), pinnedTo(each.id)), each.tied),
      ),
    ),
    short: sumQuantities(
      tied.map(({ each, unmet: short }) =>
        compareQuantity(short, '0') > 0 ? times(short, each.tied) : '0',
      ),
    ),
  };
}
