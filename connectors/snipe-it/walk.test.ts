import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonClient } from '../../src/sdk/json-client.ts';
import type { Json } from '../../src/sdk/kernel.ts';
import { walkOn, type List, type WalkPlace } from './walk.ts';

/** A list that a function may change before each page; the server gives at most `most` rows. */
function listOf(start: readonly number[], pageSize: number, change: (ids: number[], asked: number) => void, most = 500): List {
  let ids = [...start];
  let asked = 0;
  const get = async (path: string) => {
    change(ids, asked);
    asked += 1;
    ids = ids.toSorted((left, right) => left - right);
    const query = new URLSearchParams(path.split('?')[1]);
    const [offset, limit] = [Number(query.get('offset')), Math.min(most, Number(query.get('limit')))];
    const rows: readonly Json[] = ids.slice(offset, offset + limit).map((id) => ({ id }));
    return { body: { total: ids.length, rows: [...rows] }, headers: {} };
  };
  return { client: { get } as unknown as JsonClient, path: '/x', pageSize };
} // prettier-ignore

async function walk(list: List): Promise<readonly number[]> {
  const read: number[] = [];
  let place: WalkPlace | null = null;
  do {
    const step: Awaited<ReturnType<typeof walkOn>> = await walkOn(list, place);
    read.push(...step.rows.map((row) => (row as { id: number }).id));
    place = step.next;
  } while (place !== null);
  return read;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

describe('a list that is paged by offset', () => {
  test('F-31: rows that are deleted between pages hide no other row, and none comes twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 2, max: 9 }),
        fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }), { maxLength: 8 }),
        async (count, pageSize, removals) => {
          const gone = new Set<number>();
          const list = listOf(upTo(count), pageSize, (ids, asked) => {
            for (const id of removals[asked] ?? []) {
              gone.add(id);
              if (ids.includes(id)) ids.splice(ids.indexOf(id), 1);
            }
          });

          const read = await walk(list);

          expect(new Set(read).size).toBe(read.length);
          expect(upTo(count).filter((id) => !gone.has(id) && !read.includes(id))).toEqual([]);
        },
      ),
    );
  });

  test('F-31: rows that are added while it is read stand at the end and are read too', async () => {
    const list = listOf(upTo(7), 3, (ids, asked) => {
      if (asked === 1) ids.push(8);
    });

    expect(await walk(list)).toEqual(upTo(8));
  });

  test('a server that gives fewer rows than were asked for is read to its total', async () => {
    const list = listOf(upTo(25), 10, () => undefined, 4);

    expect(await walk(list)).toEqual(upTo(25));
  });
});
