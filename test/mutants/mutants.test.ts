import { describe, expect, test } from '@jest/globals';
import { mutated } from './mutated.ts';
import { MUTANTS } from './mutants.ts';
import { requireApplicable, runMutant } from './run-mutant.ts';

/** All of them die within the first dozens; who lives longer has found a hole in the tests. */
const SEEDS = 120;

/** Of the reading side what every tool of the field got wrong once; of delivery what would double an order. */
const SELECTED = ['stamp-alone', 'no-overlap', 'checkpoint-first', 'trusts-offsets', 'resends-unknown', 'forgets-the-call']; // prettier-ignore
const chosen = MUTANTS.filter(({ name }) => SELECTED.includes(name));

describe('the tests are tested', () => {
  test.each(chosen)(
    'mutant $name turns the suite red: $what',
    async (mutant) => {
      const { killed, said } = await runMutant(mutant, SEEDS);

      expect([killed, said]).toEqual([true, expect.anything()]);
    },
    300_000,
  );

  test('every mutant applies to the sources as they are', async () => {
    expect(chosen).toHaveLength(SELECTED.length);
    for (const mutant of MUTANTS) await requireApplicable(mutant);
  });

  test('a mutant that no longer applies is an error, and no success', () => {
    const edit = { file: 'a.ts', find: 'x > y', replace: 'x >= y' };

    expect(mutated('if (x > y) z();', [edit])).toBe('if (x >= y) z();');
    expect(() => mutated('if (x < y) z();', [edit])).toThrow('does not apply to a.ts any more');
    expect(() => mutated('x > y; x > y;', [edit])).toThrow('does not apply to a.ts any more');
  });
});
