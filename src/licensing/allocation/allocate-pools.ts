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
import type { MetricRules } from '../metric-rules.ts';
import { chooseLayers } from './choose-layers.ts';
import type { PoolDemand } from './demand-classes.ts';
import { layerUnits, type LayerUnit } from './layer-units.ts';
import { laterCoverOf, linesOfPool, type Outcome } from './lines.ts';
import type { Crossings } from './paths.ts';
import { partsOf } from './parts.ts';
import type { PoolAllocation } from './pool-allocation.ts';
import { profilesOf } from './profiles.ts';
import { shareRights, type Shared } from './share-rights.ts';
import { inferSuites } from './suites.ts';
import { sharesRights, termsOf } from './terms.ts';

/** A pool on the way to its line, with its allocation; null where it stands for itself. */
export interface AllocatedPool {
  readonly figures: PoolFigures;
  readonly allocation: PoolAllocation | null;
}

/**
 * Shares rights out between the pools of a snapshot by what agreements say of their use: suites, reservations, places,
 * affiliates, sublicences, rights that cover other versions and editions, and hosts that may be licensed in place of their
 * machines (rules c.5 and c.7). Pools that nothing of it speaks of are returned as they are.
 */
export function allocatePools(
  counted: readonly PoolFigures[],
  snapshot: Snapshot,
  rules: MetricRules,
): readonly AllocatedPool[] {
  if (!sharesRights(snapshot)) return counted.map((figures) => ({ figures, allocation: null }));
  const terms = termsOf(snapshot);
  const { figures: inferred, componentsOf } = inferSuites(counted, snapshot, terms);
  const units = layerUnits(inferred, snapshot, terms, rules);
  const crossings: Crossings = { terms, componentsOf };
  const profiles = profilesOf(snapshot);
  const share = (pools: readonly PoolFigures[]): Shared =>
    shareRights(linkedPools(pools, crossings, units), crossings, profiles);
  const figures = chooseLayers(inferred, units, (pools) => share(pools).outcome);
  const allocations = new Map(
    partsOf(linkedPools(figures, crossings, units), terms).flatMap((part) => {
      const { outcome, demands } = shareRights(part, crossings, profiles);
      return part.map((each) => [each.pool.id, allocationOf(each, demands, outcome)] as const);
    }),
  );
  return figures.map((each) => ({
    figures: each,
    allocation: allocations.get(each.pool.id) ?? null,
  }));
}

/** Pools whose rights or demand some term speaks of. A pool that nobody can count takes no part. */
function linkedPools(
  figures: readonly PoolFigures[],
  crossings: Crossings,
  units: readonly LayerUnit[],
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
  const layered = units.flatMap(({ options }) => options.flatMap(({ covers }) => covers));
  const ids = new Set([
    ...[...giving, ...layered].map(({ pool }) => pool.id),
    ...componentsOf.keys(),
    ...parts,
  ]);
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

function allocationOf(
  { pool, met, owned }: PoolFigures,
  demands: Shared['demands'],
  outcome: Outcome,
): PoolAllocation {
  const { pins, idle, overAllocated } = demands.get(pool.id) ?? NO_DEMAND;
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
    truesUp: classes.every(
      (each, index) =>
        !isFor(index) || (unmet[index] ?? '0') === '0' || laterCoverOf(each, outcome) !== null,
    ),
    lines: linesOfPool(pool.id, outcome, pins),
    warnings: warningsOf(pool.id, outcome),
  };
}

function warningsOf(
  poolId: string,
  { classes, heuristic, isPriced }: Outcome,
): PoolAllocation['warnings'] {
  const isRough = classes.some((each, index) => each.poolId === poolId && heuristic.has(index));
  return [
    ...(isRough
      ? ['heuristic: rights of another ratio were not shared out at the least cost']
      : []),
    ...(isPriced(poolId) ? [] : ['allocated_without_prices: mixed currencies']),
  ];
}

const NO_DEMAND: PoolDemand = { classes: [], pins: [], idle: new Map(), overAllocated: false };

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
