import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RemoteUnavailable, type Json } from '../../src/sdk/kernel.ts';
import { WALK_START, walkOn, type WalkToken } from './index-walk.ts';
import type { ListResponse } from './list-response.ts';

type Server = (startIndex: number, call: number) => ListResponse;

interface Walked {
  readonly ids: readonly string[];
  readonly calls: number;
}

const rowsOf = (ids: readonly string[]): readonly Json[] => ids.map((id) => ({ id }));
const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `u${at + 1}`);

/** A directory that keeps its order and gives at most `cap` rows. */
const honest =
  (ids: () => readonly string[], cap: number): Server =>
  (startIndex) => ({
    total: ids().length,
    rows: rowsOf(ids().slice(startIndex - 1, startIndex - 1 + cap)),
  });

function walk(server: Server): Walked {
  const ids: string[] = [];
  let calls = 0;
  for (let token: WalkToken | null = WALK_START; token !== null && calls < 5000; calls += 1) {
    const { rows, next } = walkOn(token, server(token.startIndex, calls));
    ids.push(...rows.map((row) => (row as { id: string }).id));
    token = next;
  }
  return { ids, calls };
}

/** Null when the walk gives up, which is allowed when rows pour in as fast as we read; silence is not. */
function walkOrFail(server: Server): readonly string[] | null {
  try {
    return walk(server).ids;
  } catch (error) {
    if (error instanceof RemoteUnavailable) return null;
    throw error;
  }
}

describe('a directory that stands still', () => {
  test('every record comes once and in order, whatever the size of its pages', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 120 }), (count, cap) => {
        const all = numbered(count);

        expect(walk(honest(() => all, cap)).ids).toEqual(all);
      }),
    );
  });

  test('the walk advances by what came, not by what was asked for', () => {
    const all = numbered(455);

    expect(walk(honest(() => all, 20))).toEqual({ ids: all, calls: 24 });
  });

  test('a directory without totals is read to its last row', () => {
    const all = numbered(45);
    const server: Server = (startIndex) => ({
      total: null,
      rows: rowsOf(all.slice(startIndex - 1, startIndex + 9)),
    });

    expect(walk(server).ids).toEqual(all);
  });

  test('a directory that gives all it has at once is asked once', () => {
    const all = numbered(45);

    expect(walk(() => ({ total: 45, rows: rowsOf(all) }))).toEqual({ ids: all, calls: 1 });
  });

  test('a directory that counts more than it shows ends, so that the count can name the difference', () => {
    const all = numbered(454);
    const server: Server = (startIndex) => ({
      ...honest(() => all, 200)(startIndex, 0),
      total: 455,
    });

    expect(walk(server).ids).toEqual(all);
  });

  test('rows without an id are passed on once', () => {
    const rows: readonly Json[] = [{ id: 'a' }, { name: 'none' }, { id: 'b' }, 7, { id: 'c' }];
    const seen: Json[] = [];
    for (let token: WalkToken | null = WALK_START; token !== null;) {
      const at = token.startIndex - 1;
      const step: ReturnType<typeof walkOn> = walkOn(token, {
        total: 5,
        rows: rows.slice(at, at + 2),
      });
      seen.push(...step.rows);
      token = step.next;
    }

    expect(seen).toEqual(rows);
  });
});

describe('F-31: rows move while we page', () => {
  test('a record that stays is read, whatever is deleted or added around it', () => {
    const change = fc.record({
      deletions: fc.array(fc.nat(), { maxLength: 30 }),
      insertions: fc.array(fc.nat(), { maxLength: 10 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 2, max: 40 }),
        fc.array(change, { maxLength: 6 }),
        (count, cap, changes) => {
          const ids = [...numbered(count)];
          const before = new Set(ids);
          const server: Server = (startIndex, call) => {
            const answer = honest(() => ids, cap)(startIndex, call);
            const now = changes[call];
            for (const at of now?.deletions ?? []) ids.splice(at % Math.max(1, ids.length), 1);
            for (const at of now?.insertions ?? [])
              ids.splice(at % (ids.length + 1), 0, `new-${call}-${at}`);
            return answer;
          };

          const read = walkOrFail(server);
          if (read === null) return;

          const stayed = ids.filter((id) => before.has(id));
          expect(stayed.filter((id) => !read.includes(id))).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a directory that shrinks below our place is read to its end', () => {
    const all = numbered(25);
    const server: Server = (startIndex, call) =>
      honest(() => (call === 0 ? all : all.slice(10)), 20)(startIndex, call);

    expect(new Set(walk(server).ids)).toEqual(new Set(all));
  });

  test('a changed row on the seam is given again', () => {
    const first = walkOn(WALK_START, { total: 3, rows: [{ id: 'a' }, { id: 'b', v: 1 }] });
    const token = first.next ?? WALK_START;

    const second = walkOn(token, { total: 3, rows: [{ id: 'b', v: 2 }, { id: 'c' }] });

    expect(second).toEqual({ rows: [{ id: 'b', v: 2 }, { id: 'c' }], next: null });
  });
});

describe('a directory whose paging does not work', () => {
  test.each([455, 30, null])(
    'the same page for every startIndex is a clear failure (total %s)',
    (total) => {
      const page = { total, rows: rowsOf(numbered(20)) };

      expect(() => walk(() => page)).toThrow(/same records whatever startIndex/);
    },
  );

  test('a directory without a stable order ends after a bounded number of calls', () => {
    const all = numbered(100);
    const server: Server = (startIndex, call) => {
      const turned = [...all.slice((call * 37) % 100), ...all.slice(0, (call * 37) % 100)];
      return { total: 100, rows: rowsOf(turned.slice(startIndex - 1, startIndex + 9)) };
    };

    expect(walk(server).calls).toBeLessThan(500);
  });
});
