import {
  compare,
  multiply,
  parseDecimal,
  rational,
  toFixed,
  toPlain,
  type Rational,
} from '../../kernel/rational.ts';
import type { Quantity } from '../../kernel/quantity.ts';
import type { Allocated, AllocationProblem, Covered, Eligible } from './allocation-problem.ts';
import { componentsOf, type Component } from './components.ts';
import { packLanes } from './pack-lanes.ts';
import { solveTransport } from './transport.ts';

/** Quantities are counted in millionths, their smallest part. */
const UNITS = 1_000_000;
/** Prices are compared to the fourth place. */
const PRICE_PLACES = 4;
const ONE = rational(1n);

const isOne = (ratio: Rational): boolean => compare(ratio, ONE) === 0;

/**
 * Covers demand by rights, each connected component for itself, so that (rule c.7), one after the other: what is short costs
 * the least; the least is short; the least is left to grace; the rights that are used cost the least; earlier phases serve
 * first; rights that end first are used first. Exact wherever one right covers one unit. Paths of another ratio are no
 * network: they serve what is left, the cheapest first, and `heuristic` names the classes of such a component.
 * The order in which slices, classes and paths stand changes nothing.
 */
export function solveAllocation(problem: AllocationProblem): Allocated {
  const unused = problem.slices.map(({ quantity }) => unitsOf(quantity));
  const unmet = problem.classes.map(({ quantity }) => unitsOf(quantity));
  const covered: Covered[] = [];
  const heuristic = new Set<number>();
  for (const component of componentsOf(problem)) {
    for (const { path, units } of flow(problem, component)) {
      unused[path.slice] = (unused[path.slice] ?? 0) - units;
      unmet[path.demand] = (unmet[path.demand] ?? 0) - units;
      covered.push({ path, quantity: textOf(units), rightsConsumed: textOf(units) });
    }
    for (const path of inOrderOfCost(problem, component.eligible)) {
      const [left, need] = [unused[path.slice] ?? 0, unmet[path.demand] ?? 0];
      const { units, rights } = mostAt(path.ratio, left, need);
      if (units === 0) continue;
      for (const index of component.classes) heuristic.add(index);
      unused[path.slice] = left - rights;
      unmet[path.demand] = need - units;
      covered.push({ path, quantity: textOf(units), rightsConsumed: textOf(rights) });
    }
  }
  return { covered, unmet: unmet.map(textOf), unused: unused.map(textOf), heuristic };
}

function flow(
  { slices, classes }: AllocationProblem,
  component: Component,
): readonly { readonly path: Eligible; readonly units: number }[] {
  const paths = component.eligible.filter(({ ratio }) => isOne(ratio));
  const supplyAt = new Map(component.slices.map((slice, place) => [slice, place]));
  const demandAt = new Map(component.classes.map((demand, place) => [demand, place]));
  const costs = slices.map(({ unitCost }) => priceOf(unitCost));
  const cheapest = new Map<number, number>();
  for (const { demand, slice } of paths) {
    const cost = costs[slice] ?? 0;
    cheapest.set(demand, Math.min(cheapest.get(demand) ?? cost, cost));
  }
  const { flows } = solveTransport(
    packLanes({
      lanes: 6,
      supplies: component.slices.map((slice) => unitsOf(slices[slice]?.quantity ?? '0')),
      demands: component.classes.map((index) => {
        const each = classes[index];
        // What has no price of its own is bought as the cheapest right that covers it.
        const price =
          each === undefined || each.trueUpPrice === null
            ? (cheapest.get(index) ?? 0)
            : priceOf(each.trueUpPrice);
        const weight = each?.weight ?? 1;
        return {
          quantity: unitsOf(each?.quantity ?? '0'),
          unmetCost: [price * weight, weight, 0, 0, 0, 0],
        };
      }),
      arcs: paths.map(({ slice, demand, kind, phase, rank }) => ({
        supply: supplyAt.get(slice) ?? 0,
        demand: demandAt.get(demand) ?? 0,
        cost: [
          0,
          0,
          kind === 'grace' ? 1 : 0,
          costs[slice] ?? 0,
          phase * 10 + rank,
          supplyAt.get(slice) ?? 0,
        ],
      })),
    }),
  );
  return paths.flatMap((path, index) => {
    const units = flows[index] ?? 0;
    return units === 0 ? [] : [{ path, units }];
  });
}

/** The paths that take more or less than one right a unit, the cheapest unit of demand first. */
function inOrderOfCost(
  { slices }: AllocationProblem,
  eligible: readonly Eligible[],
): readonly Eligible[] {
  const costOf = ({ slice, ratio }: Eligible): Rational =>
    multiply(slices[slice]?.unitCost ?? rational(0n), ratio);
  return eligible
    .filter(({ ratio }) => !isOne(ratio))
    .toSorted(
      (left, right) =>
        compare(costOf(left), costOf(right)) || left.phase - right.phase || left.rank - right.rank,
    );
}

/** How much of a need the rights that are left cover, and how many they are then, rounded up to their smallest part. */
function mostAt(
  { num, den }: Rational,
  left: number,
  need: number,
): { readonly units: number; readonly rights: number } {
  if (num === 0n) return { units: need, rights: 0 };
  const most = (BigInt(left) * den) / num;
  const units = most < BigInt(need) ? most : BigInt(need);
  return { units: Number(units), rights: Number((units * num + den - 1n) / den) };
}

function unitsOf(text: Quantity): number {
  const { num, den } = parseDecimal(text);
  return Number((num * BigInt(UNITS)) / den);
}

function textOf(units: number): Quantity {
  return toPlain(rational(BigInt(units), BigInt(UNITS)), 6);
}

function priceOf(price: Rational | null): number {
  if (price === null) return 0;
  return Math.round(Number(toFixed(price, PRICE_PLACES)) * 10 ** PRICE_PLACES);
}
