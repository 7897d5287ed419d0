import { describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '../sdk/record.ts';
import { judge } from './certificate.ts';

const window = { mode: 'incremental', from: null, to: '2026-03-02T09:00:00.000Z' } as const;
const landed = (ids: readonly string[]) => new Set(ids);
const record = (id: string, stamp: string | null, deleted = false): SourceRecord => ({
  id,
  stamp,
  deleted,
  data: {},
});
const base = { stream: 'Opportunity', window, sourceIds: null, reread: [] };

describe('the completeness certificate', () => {
  test('closes when the source counts exactly the distinct ids that landed', () => {
    const certificate = judge({ ...base, sourceCount: 2, landedIds: landed(['a', 'b']) });

    expect(certificate).toMatchObject({
      method: 'count',
      closed: true,
      movedOut: 0,
      missingIds: [],
    });
  });

  test('names the ids that the source holds and that did not land, and stays open', () => {
    const certificate = judge({
      ...base,
      sourceCount: 3,
      landedIds: landed(['a', 'b']),
      sourceIds: ['a', 'b', 'c'],
    });

    expect(certificate).toMatchObject({ closed: false, missingIds: ['c'] });
  });

  test('a record that left the window closes it only if reading it again shows a stamp at or after the end', () => {
    const input = { ...base, sourceCount: 1, landedIds: landed(['a', 'b']), sourceIds: ['a'] };

    expect(judge({ ...input, reread: [record('b', window.to)] }).closed).toBe(true);
    expect(judge({ ...input, reread: [record('b', '2026-03-02T08:59:59.000Z')] }).closed).toBe(
      false,
    );
    expect(judge({ ...input, reread: [record('b', null, true)] }).closed).toBe(true);
    expect(judge({ ...input, reread: [] }).closed).toBe(false);
  });

  test('one record missing and one moved out do not cancel out', () => {
    const certificate = judge({
      ...base,
      sourceCount: 2,
      landedIds: landed(['a', 'b']),
      sourceIds: ['a', 'c'],
      reread: [record('b', window.to)],
    });

    expect(certificate).toMatchObject({ closed: false, missingIds: ['c'], movedOut: 1 });
  });

  test('a source that cannot count is never green', () => {
    expect(judge({ ...base, sourceCount: null, landedIds: landed(['a']) })).toMatchObject({
      method: 'none',
      closed: null,
    });
  });
});
