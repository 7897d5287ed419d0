import { describe, expect, test } from '@jest/globals';
import { evaluateTerms, readTerms } from '../../src/commerce/terms/evaluate-terms.ts';
import { checkTerms, goldenTerms, workedTerms } from './terms.ts';

const golden = await goldenTerms();

describe('golden cases about terms', () => {
  test.each(golden.map((each) => [each.id, each.title, each] as const))('%s: %s', (_id, _title, { cases }) => {
    expect(cases.flatMap(checkTerms)).toEqual([]);
  }); // prettier-ignore

  test('are those of prices, terms, true-ups and KPIs', () => {
    const ids = [...Array.from({ length: 22 }, (_, at) => at + 37), ...Array.from({ length: 7 }, (_, at) => at + 64)]; // prettier-ignore

    expect(golden.map(({ id }) => id)).toEqual(ids.map((id) => `G-${id}`));
  });

  test('an expectation that is wrong is told, with the figure that came out', () => {
    const [first] = golden[0]?.cases ?? [];
    if (first === undefined) throw new Error('there is no case');
    const wrong = { ...first, expected: { '/quantities/0/amount': '1.00', '/nothing': 1 } };

    expect(checkTerms(wrong)).toEqual([
      '/quantities/0/amount: expected "1.00", got "107.00"',
      '/nothing: expected 1, got undefined',
    ]);
  });

  test('the worked examples of the documentation are evaluated, each in words too', async () => {
    const answers = (await workedTerms()).map((each) => evaluateTerms(readTerms(each)));

    expect(answers.map(({ what }) => what)).toEqual(['coterm', 'renew', 'trueup']);
    expect(answers.every(({ steps }) => steps.length > 1)).toBe(true);
  });
});
