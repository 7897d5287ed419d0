import { expect, test } from '@jest/globals';
import type { ShadowRun } from './shadow-types.ts';
import { comparedWords, mostDiffering, stateWords } from './shadow-words.ts';

const RUN: ShadowRun = {
  id: 'shd_1',
  connection: 'crm',
  object: 'Contract',
  requestedBy: 'usr_1',
  state: 'running',
  wanted: 100,
  lookedAt: 40,
  counts: {},
  fields: {},
  differing: 0,
  message: null,
  startedAt: '2026-03-02T00:00:00Z',
};

test('a run tells how far it is, and how it ended', () => {
  const whole = { ...RUN, lookedAt: 100 };

  expect(stateWords(RUN)).toBe('Running: 40 of 100 records so far.');
  expect(stateWords({ ...whole, state: 'done' })).toBe('Done: 100 records.');
  expect(stateWords({ ...RUN, state: 'cancelled' })).toBe('Cancelled after 40 of 100 records.');
  expect(stateWords({ ...RUN, state: 'failed', message: 'It was restarted.' })).toBe(
    'It failed after 40 of 100 records: It was restarted.',
  );
});

test('the field that most records differ in comes first', () => {
  expect(mostDiffering({ b: 2, a: 2, c: 9 })).toEqual([
    ['c', 9],
    ['a', 2],
    ['b', 2],
  ]);
});

test('what the target holds is told only where it is neither what is in effect nor left alone', () => {
  const field = { field: 'term', live: 12, draft: 24, present: 12, differs: true, changes: true };

  expect(comparedWords(field)).toBe('term: 12 → 24');
  expect(comparedWords({ ...field, present: 36 })).toBe('term: 12 → 24 (the target holds 36)');
  expect(comparedWords({ ...field, present: null, changes: false })).toBe('term: 12 → 24');
});
