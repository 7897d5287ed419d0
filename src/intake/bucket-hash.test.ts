import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { bucketOf, differingBuckets, sumBuckets } from './bucket-hash.ts';

const key = fc.record({
  id: fc.string({ minLength: 1, maxLength: 6 }),
  stamp: fc.option(fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-03')),
});
const keys = fc.uniqueArray(key, { selector: ({ id }) => id, maxLength: 40 });

describe('the sums of keys by bucket', () => {
  test('are the same whatever the order of the keys', () => {
    fc.assert(
      fc.property(keys, (all) => {
        expect(differingBuckets(sumBuckets(all), sumBuckets(all.toReversed()))).toEqual([]);
      }),
    );
  });

  test('show one key less, and name its bucket', () => {
    fc.assert(
      fc.property(keys, key, (all, one) => {
        const others = all.filter(({ id }) => id !== one.id);

        const differing = differingBuckets(sumBuckets([...others, one]), sumBuckets(others));

        expect(differing).toEqual([bucketOf(one)]);
      }),
    );
  });

  test('show one key less and another one more, which the count does not', () => {
    fc.assert(
      fc.property(keys, key, key, (all, gone, come) => {
        fc.pre(gone.id !== come.id);
        const others = all.filter(({ id }) => id !== gone.id && id !== come.id);
        const [before, after] = [
          [...others, gone],
          [...others, come],
        ];

        expect(before).toHaveLength(after.length);
        expect(differingBuckets(sumBuckets(before), sumBuckets(after))).not.toEqual([]);
      }),
    );
  });

  test('show a key with another stamp', () => {
    const fresh = sumBuckets([{ id: 'a', stamp: '2026-03-02' }]);
    const stale = sumBuckets([{ id: 'a', stamp: '2026-03-01' }]);

    expect(differingBuckets(fresh, stale)).not.toEqual([]);
  });
});
