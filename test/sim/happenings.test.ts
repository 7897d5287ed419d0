import { describe, expect, test } from '@jest/globals';
import { count, HAPPENINGS, neverHappened, type Tally } from './happenings.ts';

const all = Object.values(HAPPENINGS).flat();

describe('what must have happened', () => {
  test.each(['reading', 'writing'] as const)(
    'a run of %s in which everything happened misses nothing',
    (part) => {
      expect(neverHappened(Object.fromEntries(all.map((name) => [name, 1])), part)).toEqual([]);
    },
  );

  test('each kind of weather that never came is named', () => {
    for (const name of all) {
      const tally: Tally = {};
      for (const other of all) if (other !== name) count(tally, other);

      expect([...neverHappened(tally, 'reading'), ...neverHappened(tally, 'writing')]).toEqual([
        name,
      ]);
    }
  });

  test('no kind is counted under two vendors', () => {
    expect(new Set(all).size).toBe(all.length);
  });
});
