import { describe, expect, test } from '@jest/globals';
import { asRowEdits, clashes, overlaid, restarted, withoutRow, withRow } from './edits.ts';

const START = {
  etag: '"1"',
  version: 3,
  fields: { a: { from: 'src.A' }, b: { from: 'src.B' }, c: { from: 'src.C' } },
};
const LATER = { ...START, etag: '"2"', version: 4 };

describe('rows that are edited and not saved', () => {
  test('keep the start of the first one, whatever came meanwhile', () => {
    const first = withRow(null, START, 'a', { from: 'src.X' });

    const second = withRow(first, LATER, 'b', null);

    expect(second.start).toBe(START);
    expect(asRowEdits(second)).toEqual([
      { op: 'set', row: 'a', value: { from: 'src.X' } },
      { op: 'remove', row: 'b' },
    ]);
    expect(overlaid(START.fields, second)).toEqual({ a: { from: 'src.X' }, c: { from: 'src.C' } });
  });

  test('clash with what somebody else did to the same row, and with nothing else', () => {
    const edits = withRow(
      withRow(withRow(null, START, 'a', { from: 'src.X' }), START, 'b', null),
      START,
      'c',
      { from: 'src.Same' },
    );
    const now = { a: { from: 'src.Y' }, b: { from: 'src.B' }, c: { from: 'src.Same' }, d: {} };

    const found = clashes(edits, now);

    expect(found).toEqual([
      { name: 'a', was: { from: 'src.A' }, theirs: { from: 'src.Y' }, mine: { from: 'src.X' } },
    ]);
  });

  test('go on from what is there now without the rows that gave way', () => {
    const edits = withRow(withRow(null, START, 'a', {}), START, 'b', null);

    expect(restarted(edits, LATER, new Set(['a']))).toEqual({
      start: LATER,
      rows: new Map([['b', null]]),
    });
    expect(restarted(edits, LATER, new Set(['a', 'b']))).toBeNull();
    expect(withoutRow(withRow(null, START, 'a', {}), 'a')).toBeNull();
  });
});
