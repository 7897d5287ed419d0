import { describe, expect, test } from '@jest/globals';
import type { MappingDocument } from '../mapping-types.ts';
import { notTaken, rebaseParts, takeOver } from './rebase-parts.ts';

const document = (fields: MappingDocument['fields'], more: object = {}): MappingDocument => ({
  version: 1,
  fields,
  ...more,
});

describe('a draft that is brought up to a later version', () => {
  const base = document({ a: { from: 'src.A' }, gone: { from: 'src.G' }, c: { from: 'src.C' } });
  const live = document(
    { a: { from: 'src.LIVE' }, c: { from: 'src.C' }, made: { from: 'src.M' } },
    { version: 2, when: 'src.Active' },
  );
  const draft = document({ ...base.fields, a: { from: 'src.MINE' }, c: { from: 'src.X' } });

  test('asks about rows and about parts of the frame, and never about the number of the version', () => {
    const parts = rebaseParts(base, live, draft);

    expect(parts.map(({ name }) => name)).toEqual(['row a', 'row gone', 'row made', 'when']);
  });

  test('what is taken over becomes edits of exactly those parts, what is gone among them', () => {
    const parts = rebaseParts(base, live, draft);

    const edits = takeOver(parts);

    expect(edits).toEqual([
      { op: 'set', row: 'a', value: { from: 'src.LIVE' } },
      { op: 'remove', row: 'gone' },
      { op: 'set', row: 'made', value: { from: 'src.M' } },
      { op: 'set', key: 'when', value: 'src.Active' },
    ]);
  });

  test('a part that is not as it was to be is named: a row that comes from the shipped file stays', () => {
    const parts = rebaseParts(base, live, draft);

    const left = notTaken(parts, { ...live, fields: { ...live.fields, gone: { from: 'src.G' } } });

    expect(left.map(({ name }) => name)).toEqual(['row gone']);
    expect(notTaken(parts, live)).toEqual([]);
  });
});
