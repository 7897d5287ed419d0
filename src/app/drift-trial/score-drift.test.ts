import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../canonical/finding.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import { addScores, scoreDrift, type TrialRun } from './score-drift.ts';

const planted = (kind: string, id: string, since?: string): PlantedDrift => ({
  kind,
  subject: { type: 'UserAccount', id },
  sku: null,
  note: 'planted',
  ...(since === undefined ? {} : { since }),
});
const finding = (kind: string, id: string, type = 'UserAccount', sku: string | null = null) =>
  ({ kind, subject: { type, id }, sku }) as Finding;
const run = (asOf: string, ...findings: Finding[]): TrialRun => ({ asOf, findings, positions: [] });
const only = (kinds: ReturnType<typeof scoreDrift>, kind: string) =>
  kinds.find((each) => each.kind === kind);

describe('the score of a trial', () => {
  test('counts what was planted and found, what was missed and what was neither', () => {
    const [score] = scoreDrift(
      ['a'],
      [planted('a', '1'), planted('a', '2')],
      [run('2026-03-02', finding('a', '1'), finding('a', '3'))],
    );

    expect(score).toMatchObject({ planted: 2, found: 2, matched: 1, recall: 0.5, precision: 0.5 });
    expect(score?.missed.map(({ subject }) => subject.id)).toEqual(['2']);
    expect(score?.wrong.map(({ subject }) => subject.id)).toEqual(['3']);
  });

  test('takes the last run alone, and another subject, part number or kind for another thing', () => {
    const kinds = scoreDrift(
      ['a', 'b'],
      [planted('a', '1')],
      [run('2026-02-23', finding('a', '1')), run('2026-03-02', finding('b', '1'), finding('a', '1', 'UserAccount', 'X'))],
    ); // prettier-ignore

    expect(only(kinds, 'a')).toMatchObject({ matched: 0, found: 1, precision: 0 });
    expect(only(kinds, 'b')).toMatchObject({ planted: 0, recall: null, found: 1, precision: 0 });
  });

  test('knows a position by its owner and part number, not by its id', () => {
    const position = { line: { id: 'pos_1', ownerRef: 'own', skuCode: 'X' } };
    const drift = {
      ...planted('a', 'own/X'),
      subject: { type: 'Position', id: 'own/X' },
      sku: 'X',
    };
    const found = run('2026-03-02', finding('a', 'pos_1', 'Position', 'X'));
    const runs = [{ ...found, positions: [position] as unknown as TrialRun['positions'] }];

    expect(scoreDrift(['a'], [drift], runs)[0]).toMatchObject({ matched: 1, precision: 1 });
  });

  test('a kind that is looked for and was never planted has no recall', () => {
    expect(scoreDrift(['a'], [], [run('2026-03-02')])[0]).toMatchObject({
      planted: 0,
      recall: null,
      precision: null,
    });
  });

  test('times drift from its first day to the first run that names it; what is older than the runs is not timed', () => {
    const runs = [
      run('2026-02-16', finding('a', 'early'), finding('a', 'old')),
      run('2026-02-23', finding('a', 'quick'), finding('a', 'early'), finding('a', 'old')),
      run('2026-03-02', finding('a', 'quick'), finding('a', 'slow'), finding('a', 'early')),
    ];
    const wanted = [planted('a', 'quick', '2026-02-20'), planted('a', 'slow', '2026-02-20'), planted('a', 'old', '2026-02-16'), planted('a', 'early', '2026-03-01')]; // prettier-ignore

    // 3 and 10 days; `early` was named by runs of days on which it was none yet, and counts from the first after.
    expect(scoreDrift(['a'], wanted, runs)[0]?.daysToDetect).toEqual({
      cases: 3,
      mean: 14 / 3,
      most: 10,
    });
  });

  test('several trials add up by kind', () => {
    const one = scoreDrift(['a'], [planted('a', '1', '2026-03-01')], [run('2026-02-23'), run('2026-03-02', finding('a', '1'))]); // prettier-ignore
    const two = scoreDrift(['a'], [planted('a', '1'), planted('a', '2')], [run('2026-03-02', finding('a', '1'))]); // prettier-ignore

    expect(addScores([one, two])).toEqual([
      expect.objectContaining({ planted: 3, found: 2, matched: 2, recall: 2 / 3, precision: 1, daysToDetect: { cases: 1, mean: 1, most: 1 } }),
    ]); // prettier-ignore
  });
});
