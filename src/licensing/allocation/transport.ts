import { improves, improvesMore, openTree, pivot, type Tree } from './spanning-tree.ts';
import type { TransportProblem, TransportSolution } from './transport-problem.ts';

/** Arcs that are looked at before the best of them enters the tree, at the least. */
const LEAST_BLOCK = 64;

/**
 * Meets demands at the least cost, lane by lane: an exact integer optimum, and the same one for the same order of input.
 * Network simplex on strongly feasible trees (Cunningham 1976), the entering arc by block search. Lanes form an ordered
 * group, and the method only adds and compares, so it works on them as it does on numbers.
 *
 * Throws InternalError where sums of costs leave the whole numbers that are exact.
 */
export function solveTransport(problem: TransportProblem): TransportSolution {
  const { arcs, supplies, demands } = problem;
  const tree = openTree(problem);
  const block = Math.max(LEAST_BLOCK, Math.ceil(Math.sqrt(arcs.length)));
  let entering = findEntering(tree, { count: arcs.length, block, from: 0 });
  while (entering !== null) {
    pivot(tree, entering.arc);
    entering = findEntering(tree, { count: arcs.length, block, from: entering.next });
  }
  const all = [...tree.flow];
  const unusedFrom = arcs.length;
  const unmetFrom = unusedFrom + supplies.length;
  return {
    flows: all.slice(0, unusedFrom),
    unused: all.slice(unusedFrom, unmetFrom),
    unmet: all.slice(unmetFrom, unmetFrom + demands.length),
  };
}

/** The arc that improves most in the first block with one that improves, and where to look next; null at the optimum. */
function findEntering(
  tree: Tree,
  { count, block, from }: { readonly count: number; readonly block: number; readonly from: number },
): { readonly arc: number; readonly next: number } | null {
  let best: number | null = null;
  let arc = from;
  for (let seen = 1; seen <= count; seen += 1) {
    if (best === null ? improves(tree, arc) : improvesMore(tree, arc, best)) best = arc;
    arc = arc + 1 === count ? 0 : arc + 1;
    if (best !== null && seen % block === 0) break;
  }
  return best === null ? null : { arc: best, next: arc };
}
