import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../kernel/hash.ts';
import type { SampleRecord } from './reading.ts';
import { pickEdges, type EdgeOptions } from './sample-edges.ts';

const record = (id: string, data: JsonObject, more: Partial<SampleRecord> = {}): SampleRecord => ({
  id,
  stamp: null,
  deleted: false,
  data,
  ...more,
});
const OPTIONS: EdgeOptions = {
  fields: ['Amount', 'Stage', 'Note'],
  options: { Stage: ['Open', 'Won'] },
  quarantined: new Set(['q']),
  limit: 20,
};
const RECORDS = [
  record('a', { Amount: 5, Stage: 'Open', Note: 'x', lines: [] }),
  record('b', { Amount: '-0.5', Stage: 'Won', Note: 'x'.repeat(40), lines: [1, 2, 3] }),
  record('c', { Amount: 900, Stage: 'Open', Note: null }),
  record('d', { Amount: null, Stage: 'Open', Note: '' }),
  record('e', { Amount: 6, Stage: 'Open', Note: 'Müller' }),
  record('gone', { Amount: 1 }, { deleted: true }),
  record('q', { Amount: 7, Stage: 'Open', Note: 'x' }),
  record('new', { Amount: 8, Stage: 'Open', Note: 'x' }, { stamp: '2026-03-01' }),
  record('old', { Amount: 8, Stage: 'Open', Note: 'x' }, { stamp: '2020-03-01' }),
];

test('a sample shows each edge once, and says which', () => {
  const picks = Object.fromEntries(
    pickEdges(RECORDS, OPTIONS).map(({ record: { id }, why }) => [id, why]),
  );

  expect(picks['q']).toContain('waits in quarantine');
  expect(picks['gone']).toEqual(['deleted at its source']);
  expect(picks['d']).toEqual(['the most blanks', 'Amount is blank']);
  expect(picks['b']).toEqual([
    'the most children',
    'the least Amount',
    'Stage is "Won"',
    'the longest Note',
  ]);
  expect(picks['c']).toContain('the greatest Amount');
  expect(picks['a']).toEqual(['Stage is "Open"']);
  expect(picks['e']).toEqual(['text in another script']);
  expect(picks['new']).toEqual(['changed last']);
  expect(picks['old']).toEqual(['not changed for the longest time']);
});

test('the same records in any order give the same sample', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(RECORDS, { minLength: RECORDS.length }), (shuffled) => {
      expect(pickEdges(shuffled, OPTIONS)).toEqual(pickEdges(RECORDS, OPTIONS));
    }),
  );
});

test('what fails is shown before what is merely odd, when few are asked for', () => {
  const picked = pickEdges(RECORDS, { ...OPTIONS, limit: 2 }).map((each) => each.record.id);

  expect(picked).toEqual(['q', 'gone']);
});

test('fields that every record leaves blank are no edge', () => {
  const picked = pickEdges([record('a', {}), record('b', {})], {
    ...OPTIONS,
    quarantined: new Set(),
  });

  expect(picked.flatMap(({ why }) => why)).toEqual(['the most blanks']);
});
