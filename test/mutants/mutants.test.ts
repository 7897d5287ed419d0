import { describe, expect, test } from '@jest/globals';
import { mutated } from './mutated.ts';
import { MUTANTS } from './mutants.ts';
import { runMutant } from './run-mutant.ts';

/** All of them die within the first dozens; who lives longer has found a hole in the tests. */
const SEEDS = 120;

describe('the tests are tested', () => {
  test.each(MUTANTS)(
    'mutant $name turns the simulator red: $what',
    async (mutant) => {
      const { killed, said } = await runMutant(mutant, SEEDS);

      expect([killed, said]).toEqual([true, expect.anything()]);
    },
    300_000,
  );

  test('a mutant that no longer applies is an error, and no success', () => {
    const edit = { file: 'a.ts', find: 'x > y', replace: 'x >= y' };

    expect(mutated('if (x > y) z();', [edit])).toBe('if (x >= y) z();');
    expect(() => mutated('if (x < y) z();', [edit])).toThrow('does not apply to a.ts any more');
    expect(() => mutated('x > y; x > y;', [edit])).toThrow('does not apply to a.ts any more');
  });
});
