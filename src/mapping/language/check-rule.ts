import { looksAtTarget } from './field-rules.ts';
import type { Row } from './mapping-document.ts';
import type { PointerPath } from './mapping-problem.ts';
import { problemAt, type PlacedProblem } from './zod-problems.ts';

/** Where a row stands: a fact of ours, a field of a vendor's record, or a field of a nested list. */
export type RowPlace = 'fact' | 'record' | 'list';

const WHY: Readonly<Record<Exclude<RowPlace, 'record'>, string>> = {
  fact: 'A fact is what its source says; nothing else writes it, so there is no other side.',
  list: 'A nested list is written as a whole, so its rows cannot be compared one by one.',
};

/** Sync rules and blank policies that cannot be followed where the row stands, or that contradict each other. */
export function checkRule(row: Row, path: PointerPath, place: RowPlace): readonly PlacedProblem[] {
  const { sync, blankPolicy } = row;
  if (place !== 'record' && looksAtTarget(row)) {
    const hint =
      place === 'fact'
        ? 'Put the rule on the row of the mapping that writes the field to the other system.'
        : 'Use source-wins or dont-sync.';
    return [problemAt([...path, 'sync'], 'bad_value', `"${sync}": ${WHY[place]}`, hint)];
  }
  const contradicts = sync === 'prefer-source-unless-blank' || sync === 'target-wins';
  if (blankPolicy !== 'clear' || !contradicts) return [];
  return [
    problemAt(
      [...path, 'blankPolicy'],
      'bad_value',
      `"${sync}" keeps what the target has where the source is blank, and blankPolicy: clear would empty it.`,
      'Use sync: source-wins, or leave blankPolicy out.',
    ),
  ];
}
