import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sumQuantities } from '../../kernel/quantity.ts';
import { parseDecimal, rational } from '../../kernel/rational.ts';
import { compareText } from '../sort.ts';
import type { Allocated, AllocationProblem, Eligible } from './allocation-problem.ts';
import { solveAllocation } from './solve-allocation.ts';

const ONE = rational(1n);

/** What the text says of a problem: quantities, prices, and who may draw with which phase. */
interface Small {
  readonly slices: readonly (readonly [quantity: number, cost: number])[];
  readonly classes: readonly (readonly [quantity: number, price: number, weight: number])[];
  /** By slice and class: 0 for no path, else the phase. */
  readonly phases: readonly (readonly number[])[];
}

const small: fc.Arbitrary<Small> = fc
  .record({ supplies: fc.integer({ min: 1, max: 3 }), demands: fc.integer({ min: 1, max: 3 }) })
  .chain(({ supplies, demands }) =>
    fc.record({
      slices: fc.array(fc.tuple(fc.nat(3), fc.nat(5)), {
        minLength: supplies,
        maxLength: supplies,
      }),
      classes: fc.array(fc.tuple(fc.nat(3), fc.nat(5), fc.integer({ min: 1, max: 2 })), {
        minLength: demands,
        maxLength: demands,
      }),
      phases: fc.array(
        fc.array(fc.constantFrom(0, 3, 3, 4, 5, 6), { minLength: demands, maxLength: demands }),
        { minLength: supplies, maxLength: supplies },
      ),
    }),
  );

function problemOf({ slices, classes, phases }: Small, times = 1): AllocationProblem {
  return {
    slices: slices.map(([quantity, cost], index) => ({
      id: `s${index}`,
      poolId: 'p',
      entitlementRef: `s${index}`,
      quantity: String(quantity * times),
      unitCost: rational(BigInt(cost)),
      validTo: null,
      validFrom: null,
    })),
    classes: classes.map(([quantity, price, weight], index) => ({
      id: `c${index}`,
      poolId: 'p',
      quantity: String(quantity * times),
      trueUpPrice: rational(BigInt(price)),
      weight,
    })),
    eligible: phases.flatMap((row, slice) =>
      row.flatMap((phase, demand): Eligible[] =>
        phase === 0
          ? []
          : [{ slice, demand, phase, rank: 0, kind: phase === 6 ? 'grace' : 'exact', ratio: ONE }],
      ),
    ),
  };
}

type Score = readonly number[];

/** The objectives of rule c.7 up to the phases, in whole numbers. */
function scoreOf(problem: AllocationProblem, { covered, unmet }: Allocated): Score {
  const number = (text: string): number =>
    Number(parseDecimal(text).num) / Number(parseDecimal(text).den);
  const price = (value: { num: bigint } | null | undefined): number => Number(value?.num ?? 0n);
  const sum = (values: readonly number[]): number =>
    values.reduce((total, each) => total + each, 0);
  return [
    sum(
      problem.classes.map(
        (each, index) => number(unmet[index] ?? '0') * price(each.trueUpPrice) * each.weight,
      ),
    ),
    sum(problem.classes.map((each, index) => number(unmet[index] ?? '0') * each.weight)),
    sum(covered.map(({ path, quantity }) => (path.kind === 'grace' ? number(quantity) : 0))),
    sum(
      covered.map(
        ({ path, rightsConsumed }) =>
          number(rightsConsumed) * price(problem.slices[path.slice]?.unitCost),
      ),
    ),
    sum(covered.map(({ path, quantity }) => number(quantity) * path.phase)),
  ];
}

function isLess(left: Score, right: Score): boolean {
  const at = left.findIndex((value, index) => value !== right[index]);
  return at >= 0 && (left[at] ?? 0) < (right[at] ?? 0);
}

/** The best score of all ways to share out, found by trying each. */
function bestByTrying({ slices, classes, phases }: Small): Score {
  const free = slices.map(([quantity]) => quantity);
  const need = classes.map(([quantity]) => quantity);
  const arcs = phases.flatMap((row, slice) =>
    row.flatMap((phase, demand) => (phase === 0 ? [] : [{ slice, demand, phase }])),
  );
  let best: Score | null = null;
  const tryFrom = (index: number, grace: number, cost: number, rank: number): void => {
    const arc = arcs[index];
    if (arc === undefined) {
      const short = (value: (each: Small['classes'][number]) => number): number =>
        classes.reduce((total, each, at) => total + (need[at] ?? 0) * value(each), 0);
      const score = [
        short(([, price, weight]) => price * weight),
        short(([, , weight]) => weight),
        grace,
        cost,
        rank,
      ];
      if (best === null || isLess(score, best)) best = score;
      return;
    }
    const { slice, demand, phase } = arc;
    const most = Math.min(free[slice] ?? 0, need[demand] ?? 0);
    for (let taken = 0; taken <= most; taken += 1) {
      free[slice] = (free[slice] ?? 0) - taken;
      need[demand] = (need[demand] ?? 0) - taken;
      tryFrom(
        index + 1,
        grace + (phase === 6 ? taken : 0),
        cost + taken * (slices[slice]?.[1] ?? 0),
        rank + taken * phase,
      );
      free[slice] = (free[slice] ?? 0) + taken;
      need[demand] = (need[demand] ?? 0) + taken;
    }
  };
  tryFrom(0, 0, 0, 0);
  return best ?? [];
}

/** The same result under names instead of places. */
function named(problem: AllocationProblem, { covered, unmet, unused }: Allocated): unknown {
  return {
    covered: covered
      .map(
        ({ path, quantity }) =>
          `${problem.classes[path.demand]?.id} ${problem.slices[path.slice]?.id} ${path.phase} ${quantity}`,
      )
      .toSorted(compareText),
    unmet: problem.classes.map(({ id }, at) => `${id} ${unmet[at]}`).toSorted(compareText),
    unused: problem.slices.map(({ id }, at) => `${id} ${unused[at]}`).toSorted(compareText),
  };
}

function turned({ slices, classes, eligible }: AllocationProblem): AllocationProblem {
  return {
    slices: slices.toReversed(),
    classes: classes.toReversed(),
    eligible: eligible.toReversed().map((path) => ({
      ...path,
      slice: slices.length - 1 - path.slice,
      demand: classes.length - 1 - path.demand,
    })),
  };
}

describe('sharing rights out', () => {
  test('comes to what trying every way comes to, on 5,000 small problems', () => {
    fc.assert(
      fc.property(small, (each) => {
        const problem = problemOf(each);

        expect(scoreOf(problem, solveAllocation(problem))).toEqual(bestByTrying(each));
      }),
      { numRuns: 5000, seed: 6 },
    );
  });

  test('gives the same in whatever order rights, demand and paths stand, and again', () => {
    fc.assert(
      fc.property(small, (each) => {
        const problem = problemOf(each);
        const result = named(problem, solveAllocation(problem));

        expect(named(turned(problem), solveAllocation(turned(problem)))).toEqual(result);
        expect(named(problem, solveAllocation(problem))).toEqual(result);
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  test('L1, L2: no right is used twice, and all demand is covered or short', () => {
    fc.assert(
      fc.property(small, (each) => {
        const problem = problemOf(each);
        const { covered, unmet, unused } = solveAllocation(problem);

        problem.slices.forEach(({ quantity }, at) => {
          const used = covered
            .filter(({ path }) => path.slice === at)
            .map((one) => one.rightsConsumed);
          expect(sumQuantities([...used, unused[at] ?? '0'])).toBe(quantity);
        });
        problem.classes.forEach(({ quantity }, at) => {
          const met = covered.filter(({ path }) => path.demand === at).map((one) => one.quantity);
          expect(sumQuantities([...met, unmet[at] ?? '0'])).toBe(quantity);
        });
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  test('a further right never makes more short, and ten times all is ten times as short', () => {
    fc.assert(
      fc.property(small, (each) => {
        const costShort = (of: Small, times = 1): number => {
          const problem = problemOf(of, times);
          return scoreOf(problem, solveAllocation(problem))[0] ?? 0;
        };
        const more = {
          ...each,
          slices: each.slices.map(([quantity, cost]) => [quantity + 1, cost] as const),
        };

        expect(costShort(more)).toBeLessThanOrEqual(costShort(each));
        expect(costShort(each, 10)).toBe(10 * costShort(each));
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  test('rights that end first are used first', () => {
    const problem = problemOf({
      slices: [
        [2, 1],
        [2, 1],
      ],
      classes: [[2, 5, 1]],
      phases: [[3], [3]],
    });
    const [first, second] = problem.slices;
    if (first === undefined || second === undefined) throw new Error('There are two.');

    const { unused } = solveAllocation({
      ...problem,
      slices: [
        { ...first, validTo: '2027-01-01' },
        { ...second, validTo: '2026-06-01' },
      ],
    });

    expect(unused).toEqual(['2', '0']);
  });

  test('rights of another ratio serve what is left, and the result says that this is not the least cost', () => {
    const problem = problemOf({
      slices: [
        [3, 1],
        [3, 1],
      ],
      classes: [[5, 5, 1]],
      phases: [[3], [5]],
    });
    const eligible = problem.eligible.map((path) =>
      path.phase === 5 ? { ...path, ratio: rational(1n, 2n) } : path,
    );

    const { covered, unmet, unused, heuristic } = solveAllocation({ ...problem, eligible });

    expect(covered.map(({ quantity, rightsConsumed }) => [quantity, rightsConsumed])).toEqual([['3', '3'], ['2', '1']]); // prettier-ignore
    expect([unmet, unused, [...heuristic]]).toEqual([['0'], ['0', '2'], [0]]);
  });
});
