import { seededRandom } from '../../src/sdk/twin-kit/faults.ts';

/** Choices that a seed makes. */
export interface Seeded {
  /** In [0, 1). */
  readonly next: () => number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  shuffled<T>(values: readonly T[]): readonly T[];
  /** A stream of choices of its own, so that what draws from it disturbs no other. */
  fork(): Seeded;
}

export function createSeeded(seed: number): Seeded {
  const next = seededRandom(seed);
  const whole = (least: number, most: number): number =>
    least + Math.floor(next() * (most - least + 1));
  const seeded: Seeded = {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (values) => {
      const chosen = values[whole(0, values.length - 1)];
      if (chosen === undefined) throw new Error('There is nothing to choose from.');
      return chosen;
    },
    shuffled: (values) =>
      values
        .map((value) => ({ value, at: next() }))
        .toSorted((left, right) => left.at - right.at)
        .map(({ value }) => value),
    fork: () => createSeeded(whole(0, 2 ** 31)),
  };
  return seeded;
}
