import { compareQuantity, sumQuantities, type Quantity } from '../../kernel/quantity.ts';
import { toPlain, type Rational } from '../../kernel/rational.ts';
import type { PoolFigures } from '../figures.ts';
import { compareText } from '../sort.ts';
import type { Allocated, Eligible, WhyNot } from './allocation-problem.ts';
import { bySlice } from './components.ts';
import type { Pin, ProfiledClass } from './demand-classes.ts';
import type { AllocatedLine } from './pool-allocation.ts';
import { crossingOf, refusalOf, type Crossings } from './paths.ts';
import type { OfferedSlice } from './slices.ts';

/** What was shared out, and among whom. */
export interface Outcome extends Allocated {
  readonly slices: readonly OfferedSlice[];
  readonly classes: readonly ProfiledClass[];
  readonly eligible: readonly Eligible[];
  readonly pools: ReadonlyMap<string, PoolFigures>;
  readonly crossings: Crossings;
  /** Rights that allocations hold without use, by slice. */
  readonly idle: ReadonlyMap<string, Quantity>;
  /** False for a pool that hangs together with others in several currencies, so that quantities alone decided. */
  readonly isPriced: (poolId: string) => boolean;
}

/** Reasons on one line, at most. */
const MOST_REASONS = 20;

/** The lines of one pool's demand: allocations first, then by class and phase, what is short last. */
export function linesOfPool(
  poolId: string,
  outcome: Outcome,
  pins: readonly Pin[],
): readonly AllocatedLine[] {
  const { slices, classes, covered, unmet } = outcome;
  const sliceOf = new Map(slices.map((slice) => [slice.id, slice]));
  const pinned = pins.map(({ sliceId, classId, quantity }) => {
    const slice = sliceOf.get(sliceId);
    const kind = slice?.kind === 'unlimited' ? 'unlimited' : 'exact';
    return lineOf({ demandLineRef: classId, slice, quantity, phase: 0, kind });
  });
  const shared = covered.flatMap(({ path, quantity, rightsConsumed }) => {
    const demand = classes[path.demand];
    const slice = slices[path.slice];
    if (demand?.poolId !== poolId || slice === undefined) return [];
    const line = lineOf({
      demandLineRef: demand.id,
      slice,
      quantity,
      phase: path.phase,
      kind: path.kind,
    });
    return [{ ...line, rightsConsumed, ratio: ratioText(path.ratio) }];
  });
  const short = classes.flatMap((demand, index) => {
    const quantity = unmet[index] ?? '0';
    if (demand.poolId !== poolId || compareQuantity(quantity, '0') <= 0) return [];
    return [shortLine(demand, timesTied(quantity, demand), outcome)];
  });
  const lines = [
    ...merged([...pinned, ...shared]),
    ...secondLines(poolId, outcome, pins),
    ...short,
  ];
  return lines.toSorted(
    (left, right) =>
      compareText(left.demandLineRef, right.demandLineRef) ||
      left.phase - right.phase ||
      compareText(left.entitlementRef ?? '', right.entitlementRef ?? '') ||
      compareText(left.coverageKind ?? '', right.coverageKind ?? ''),
  );
}

function lineOf({
  demandLineRef,
  slice,
  quantity,
  phase,
  kind,
}: {
  readonly demandLineRef: string;
  readonly slice: OfferedSlice | undefined;
  readonly quantity: Quantity;
  readonly phase: number;
  readonly kind: AllocatedLine['coverageKind'];
}): AllocatedLine {
  return {
    demandLineRef,
    entitlementRef: slice?.entitlementRef ?? null,
    ...(slice === undefined ? {} : { poolRef: slice.poolId }),
    quantity,
    rightsConsumed: quantity,
    ratio: '1',
    phase,
    coverageKind: kind,
    ...priceOf(slice),
    explanation: [PHASES[phase] ?? ''],
    whyNot: [],
  };
}

function priceOf(slice: OfferedSlice | undefined): { readonly unitCost?: string } {
  const cost = slice?.unitCost ?? null;
  return cost === null ? {} : { unitCost: toPlain(cost, 10) };
}

const PHASES: readonly string[] = [
  'allocated to the subject',
  'a suite covers its component',
  'an unlimited entitlement covers it',
  'the same product, its own rights',
  'the same product, shared rights',
  'a use right covers it',
  'rights in grace cover it',
];

/** Lines that say the same of the same demand and entitlement, in one. */
function merged(lines: readonly AllocatedLine[]): readonly AllocatedLine[] {
  const groups = Map.groupBy(lines, ({ quantity: _q, rightsConsumed: _r, ...rest }) =>
    JSON.stringify(rest),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      {
        ...first,
        quantity: sumQuantities(group.map(({ quantity }) => quantity)),
        rightsConsumed: sumQuantities(group.map(({ rightsConsumed }) => rightsConsumed)),
      },
    ];
  });
}

/** Second devices of users whose first device is licensed: they take no right of their own. */
function secondLines(
  poolId: string,
  { classes, covered }: Outcome,
  pins: readonly Pin[],
): readonly AllocatedLine[] {
  return classes.flatMap((demand, index) => {
    if (demand.poolId !== poolId || demand.tied === 0) return [];
    const licensed = sumQuantities([
      ...covered.filter(({ path }) => path.demand === index).map(({ quantity }) => quantity),
      ...pins.filter(({ classId }) => classId === demand.id).map(({ quantity }) => quantity),
    ]);
    if (licensed === '0') return [];
    const quantity = sumQuantities(Array.from({ length: demand.tied }, () => licensed));
    const line = lineOf({ demandLineRef: demand.id, slice: undefined, quantity, phase: 5, kind: 'secondary_use' }); // prettier-ignore
    return [{ ...line, rightsConsumed: '0', ratio: '0' }];
  });
}

function timesTied(quantity: Quantity, { tied }: ProfiledClass): Quantity {
  return sumQuantities(Array.from({ length: 1 + tied }, () => quantity));
}

function shortLine(demand: ProfiledClass, quantity: Quantity, outcome: Outcome): AllocatedLine {
  const line = lineOf({
    demandLineRef: demand.id,
    slice: undefined,
    quantity,
    phase: 7,
    kind: null,
  });
  const later = laterCoverOf(demand, outcome);
  return {
    ...line,
    rightsConsumed: '0',
    ...(later === null
      ? { explanation: ['no right covers it'] }
      : {
          entitlementRef: later.entitlementRef,
          poolRef: later.poolId,
          coverageKind: 'true_up',
          explanation: ['beyond the count, to be squared at the next true-up'],
        }),
    whyNot: [...reasons(demand, outcome)]
      .map(([entitlementRef, reason]) => ({ entitlementRef, reason }))
      .toSorted((left, right) => compareText(left.entitlementRef, right.entitlementRef))
      .slice(0, MOST_REASONS),
  };
}

/** The rights of its own product, open to it, whose agreement squares later what is beyond the count (phase 7); null if there are none. */
export function laterCoverOf(demand: ProfiledClass, { slices }: Outcome): OfferedSlice | null {
  const open = slices.filter(
    (slice) =>
      slice.poolId === demand.poolId &&
      slice.kind !== 'grace' &&
      slice.entitlement?.truesUp === true &&
      refusalOf(slice, demand) === null,
  );
  return open.toSorted(bySlice)[0] ?? null;
}

/** One reason for each entitlement of the pool, and of those that speak of its product. */
function reasons(demand: ProfiledClass, outcome: Outcome): ReadonlyMap<string, WhyNot> {
  const { slices, pools, crossings, idle } = outcome;
  const found = new Map<string, WhyNot>();
  const to = pools.get(demand.poolId);
  for (const slice of slices) {
    const from = pools.get(slice.poolId);
    if (slice.entitlementRef === null || from === undefined || to === undefined) continue;
    const path = from === to ? undefined : crossingOf(slice, from, to, crossings);
    if (path === null) continue;
    const refused = path !== undefined && 'reason' in path ? path.reason : refusalOf(slice, demand);
    const isEmpty = slice.entitlement?.owned === '0' && !slice.entitlement.unlimited;
    const reason = isEmpty
      ? 'not_effective'
      : (refused ?? (idle.has(slice.id) ? 'pinned_elsewhere' : 'exhausted'));
    const before = found.get(slice.entitlementRef);
    // Of several slices of one entitlement the one that it might have drawn on speaks.
    if (before === undefined || refused === null) found.set(slice.entitlementRef, reason);
  }
  return found;
}

function ratioText({ num, den }: Rational): string {
  return den === 1n ? String(num) : `${num}/${den}`;
}
