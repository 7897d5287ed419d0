import { describe, expect, test } from '@jest/globals';
import { mutated } from './mutated.ts';
import { MUTANTS } from './mutants.ts';
import { isKill, requireApplicable, runMutant } from './run-mutant.ts';

/** All of them die within the first dozens; who lives longer has found a hole in the tests. */
const SEEDS = 120;

/** Of the reading side what every tool of the field got wrong once; of delivery what would double an order. */
const SELECTED = ['stamp-alone', 'no-overlap', 'checkpoint-first', 'trusts-offsets', 'resends-unknown']; // prettier-ignore
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

  test('a suite kills a mutant by the test that it names, failed and not given up', () => {
    const mutant = {
      name: 'm',
      what: 'w',
      edits: [],
      killer: { suite: 's' },
      symptom: /keeps one/,
    };
    const red = { code: 1, said: 'FAIL s\n  ✓ other\n  ✕ keeps one of two (5 ms)\n' };

    expect(isKill(mutant, red)).toBe(true);
    expect(isKill(mutant, { ...red, code: 0 })).toBe(false);
    expect(isKill(mutant, { ...red, said: 'FAIL s\n  ✓ keeps one of two\n  ✕ other\n' })).toBe(false); // prettier-ignore
    expect(isKill(mutant, { ...red, said: `${red.said}Exceeded timeout of 30000 ms for a hook.` })).toBe(false); // prettier-ignore
  });

  test('a mutant that no longer applies is an error, and no success', () => {
    const edit = { file: 'a.ts', find: 'x > y', replace: 'x >= y' };

    expect(mutated('if (x > y) z();', [edit])).toBe('if (x >= y) z();');
    expect(() => mutated('if (x < y) z();', [edit])).toThrow('does not apply to a.ts any more');
    expect(() => mutated('x > y; x > y;', [edit])).toThrow('does not apply to a.ts any more');
  });
});
