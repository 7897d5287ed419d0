import { describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '../sdk/record.ts';
import { judge, judgeKeys, type Compared } from './certificate.ts';

const window = { mode: 'incremental', from: null, to: '2026-03-02T09:00:00.000Z' } as const;
const record = (id: string, stamp: string | null, deleted = false): SourceRecord => ({
  id,
  stamp,
  deleted,
  data: {},
});
const base = { stream: 'Opportunity', window, missing: [], reread: [] };

describe('the completeness certificate', () => {
  test('closes when the source counts exactly the distinct ids that landed', () => {
    const certificate = judge({ ...base, sourceCount: 2, distinctIds: 2 });

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
      distinctIds: 2,
      missing: ['c'],
    });

    expect(certificate).toMatchObject({ closed: false, missingIds: ['c'] });
  });

  test('a record that left the window closes it only if reading it again shows a stamp at or after the end', () => {
    const input = { ...base, sourceCount: 1, distinctIds: 2 };

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
      distinctIds: 2,
      missing: ['c'],
      reread: [record('b', window.to)],
    });

    expect(certificate).toMatchObject({ closed: false, missingIds: ['c'], movedOut: 1 });
  });

  test('a source that cannot count is never green', () => {
    expect(judge({ ...base, sourceCount: null, distinctIds: 1 })).toMatchObject({
      method: 'none',
      closed: null,
    });
  });
});

describe('the certificate of a full pass', () => {
  const same: Compared = {
    listed: 3,
    missing: [],
    stale: [],
    unlisted: 0,
    movedOut: 0,
    caughtLate: 0,
  };
  const keysOnly = (changes: Partial<Compared>) =>
    judgeKeys('Opportunity', window, { ...same, ...changes }, null);

  test('closes when all that the source lists is held as new as it has it', () => {
    expect(keysOnly({ caughtLate: 2 })).toMatchObject({
      method: 'bucket-hash',
      sourceCount: 3,
      distinctIds: 3,
      caughtLate: 2,
      closed: true,
    });
  });

  test('names what is still missing or stale, a hundred of each at most, and counts them all', () => {
    const missing = Array.from({ length: 150 }, (_, at) => `m${String(at).padStart(3, '0')}`);

    const certificate = keysOnly({ listed: 200, missing: missing.toReversed(), stale: ['s'] });

    expect(certificate).toMatchObject({
      closed: false,
      missingIds: missing.slice(0, 100),
      missingCount: 150,
      staleIds: ['s'],
      staleCount: 1,
      sourceCount: 200,
      distinctIds: 50,
    });
  });

  test('stays open while we hold what the source does not list and has not moved out', () => {
    expect(keysOnly({ unlisted: 2, movedOut: 1 })).toMatchObject({
      closed: false,
      distinctIds: 5,
      movedOut: 1,
    });
    expect(keysOnly({ unlisted: 2, movedOut: 2 }).closed).toBe(true);
  });

  test('does not close a read that did not close, and opens one that did', () => {
    const read = judge({ ...base, sourceCount: 3, distinctIds: 3 });
    const open = judge({ ...base, sourceCount: 4, distinctIds: 3 });

    expect(judgeKeys('Opportunity', window, same, read).closed).toBe(true);
    expect(judgeKeys('Opportunity', window, same, open).closed).toBe(false);
    expect(judgeKeys('Opportunity', window, { ...same, stale: ['a'] }, read).closed).toBe(false);
  });
});
