import type { TransportProblem } from './transport-problem.ts';

/** Sums up to here are exact, with room to spare. */
const SAFE = 2 ** 50;

/**
 * The same problem with fewer lanes: neighbours are put into one number wherever the lower one can never reach the higher one,
 * on no way round that the method compares. Such a way passes each node once at most, so its sum is bounded.
 */
export function packLanes(problem: TransportProblem): TransportProblem {
  const { lanes, supplies, demands, arcs } = problem;
  const longest = 2 * (Math.min(supplies.length, demands.length) + 2);
  const most = Array.from({ length: lanes }, () => 0);
  const measure = (cost: readonly number[]): void =>
    cost.forEach((value, lane) => {
      most[lane] = Math.max(most[lane] ?? 0, Math.abs(value));
    });
  for (const { cost } of arcs) measure(cost);
  for (const { unmetCost } of demands) measure(unmetCost);
  const groups: { readonly factors: Map<number, number>; span: number }[] = [];
  for (let lane = lanes - 1; lane >= 0; lane -= 1) {
    const reach = 2 * longest * (most[lane] ?? 0) + 1;
    const last = groups.at(-1);
    if (last !== undefined && last.span * reach < SAFE) {
      last.factors.set(lane, last.span);
      last.span *= reach;
    } else groups.push({ factors: new Map([[lane, 1]]), span: reach });
  }
  const packed = groups.toReversed();
  const pack = (cost: readonly number[]): readonly number[] =>
    packed.map(({ factors }) => {
      let sum = 0;
      for (const [lane, factor] of factors) sum += (cost[lane] ?? 0) * factor;
      return sum;
    });
  return {
    lanes: packed.length,
    supplies,
    demands: demands.map(({ quantity, unmetCost }) => ({ quantity, unmetCost: pack(unmetCost) })),
    arcs: arcs.map((arc) => ({ ...arc, cost: pack(arc.cost) })),
  };
}
