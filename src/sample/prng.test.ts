import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPrng } from './prng.ts';

describe('createPrng', () => {
  test('int stays within its bounds and reaches both', () => {
    const prng = createPrng(5);

    const drawn = new Set(Array.from({ length: 500 }, () => prng.int(-2, 3)));

    expect([...drawn].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
  });

  test('a fork depends on seed and topic, not on what the parent drew before', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.string(),
        fc.integer({ min: 0, max: 20 }),
        (seed, topic, draws) => {
          const fresh = createPrng(seed);
          const used = createPrng(seed);
          for (let at = 0; at < draws; at += 1) used.next();

          expect(used.fork(topic).next()).toBe(fresh.fork(topic).next());
        },
      ),
    );
  });

  test('shuffle and sample keep the items and leave the list alone', () => {
    const items = Object.freeze([1, 2, 3, 4, 5]);
    const prng = createPrng(9);

    expect(prng.shuffle(items).toSorted((a, b) => a - b)).toEqual(items);
    expect(new Set(prng.sample(items, 3)).size).toBe(3);
    expect(prng.sample(items, 99)).toHaveLength(5);
  });

  test('picking from nothing is refused', () => {
    expect(() => createPrng(1).pick([])).toThrow('nothing to pick');
  });
});
