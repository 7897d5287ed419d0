import type {
  AllocationProblem,
  Eligible,
} from '../../src/licensing/allocation/allocation-problem.ts';
import { solveAllocation } from '../../src/licensing/allocation/solve-allocation.ts';
import { rational } from '../../src/kernel/rational.ts';
import { timed, type BenchRow } from './measure.ts';

/** Sharing 300 entitlements out among 10,000 lines of demand that all hang together, each with twelve that it may draw on. */
const DEMANDS = 10_000;
const SLICES = 300;
const PATHS = 12;
const ROUNDS = 3;
const MOST_MS = 10_000;

/** The same numbers in every run. */
function draws(): (below: number) => number {
  let state = 5;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

function world(): AllocationProblem {
  const draw = draws();
  const eligible = Array.from({ length: DEMANDS }, (_, demand): readonly Eligible[] => {
    // The first path of each line makes one chain of all of them.
    const open = new Set([demand % SLICES, (demand + 1) % SLICES]);
    while (open.size < PATHS) open.add(draw(SLICES));
    return [...open].map((slice) => ({
      slice,
      demand,
      phase: 3 + draw(3),
      rank: 0,
      kind: 'exact',
      ratio: rational(1n),
    }));
  }).flat();
  return {
    slices: Array.from({ length: SLICES }, (_, at) => ({
      id: `s${at}`,
      poolId: `p${at % 40}`,
      entitlementRef: `e${at}`,
      quantity: String(draw((DEMANDS * 20) / SLICES)),
      unitCost: rational(BigInt(draw(100_000)), 100n),
      validTo: null,
      validFrom: null,
    })),
    classes: Array.from({ length: DEMANDS }, (_, at) => ({
      id: `c${at}`,
      poolId: `p${at % 40}`,
      quantity: String(draw(20)),
      trueUpPrice: rational(BigInt(100_000 + draw(900_000)), 100n),
      weight: 1,
    })),
    eligible,
  };
}

/** The most milliseconds, of three rounds, until 10,000 lines of demand in one component are shared out at the least cost. */
export async function bench(): Promise<BenchRow> {
  const problem = world();
  let ours = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const took = await timed(() => {
      if (solveAllocation(problem).heuristic.size > 0)
        throw new Error('It was not solved exactly.');
      return Promise.resolve();
    });
    if (round > 0) ours = Math.max(ours, took);
  }
  return { name: 'allocate', ours, floor: MOST_MS, unit: 'ms', better: 'less', goal: 1 };
}
