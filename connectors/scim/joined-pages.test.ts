import { describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../src/kernel/clock.ts';
import { RateLimited, type JsonObject } from '../../src/sdk/kernel.ts';
import { joinedPages } from './joined-pages.ts';
import { directoryOf } from './list-walk.ts';
import type { ScimClient } from './scim-client.ts';

const PAGE = { path: '/Users', after: null, limit: 2000 };

/** A directory of so many people that gives at most `most` at once, and fails at the answers that are named. */
function directory(
  people: number,
  most: number,
  {
    fails = [],
    characters = 100,
  }: { readonly fails?: readonly number[]; readonly characters?: number } = {},
) {
  const calls: number[] = [];
  const ask: ScimClient['ask'] = async (_path, query = {}) => {
    const startIndex = Number(query['startIndex']);
    calls.push(startIndex);
    if (fails.includes(calls.length)) throw new RateLimited('Slow down.', { retryAt: new Date(0) });
    const rows = Math.min(most, Number(query['count']), people - startIndex + 1);
    const Resources = Array.from({ length: rows }, (_, at): JsonObject => ({
      id: `u${startIndex + at}`,
    }));
    return { body: { totalResults: people, Resources }, headers: {}, characters };
  };
  const client: ScimClient = {
    ask,
    get: async () => ({}),
    find: async () => undefined,
    patch: async () => null,
  };
  return {
    calls,
    pages: joinedPages(
      directoryOf(client, { pageSize: 200, paging: 'index' }, fixedClock('2026-03-02T08:00:00Z')),
    ),
  };
}

describe('a page joined of several answers', () => {
  test('holds ten of them, and the next one goes on behind', async () => {
    const { calls, pages } = directory(2500, 200);

    const first = await pages(PAGE);
    const second = await pages({ ...PAGE, after: first.next });

    expect([first.rows.length, second.rows.length, second.next]).toEqual([1991, 509, null]);
    expect(new Set([...first.rows, ...second.rows].map((row) => JSON.stringify(row))).size).toBe(
      2500,
    );
    expect(calls).toHaveLength(13);
  });

  test('holds no more than was asked for', async () => {
    const { pages } = directory(1500, 200);

    const { rows } = await pages({ ...PAGE, limit: 300 });

    expect(rows.length).toBeLessThanOrEqual(300);
  });

  test('takes in no further answer once the answers are long', async () => {
    const { calls, pages } = directory(1500, 200, { characters: 2_000_000 });

    await pages(PAGE);

    expect(calls).toHaveLength(2);
  });

  test('F-17: is cut where the directory refuses, and the refusal comes at its turn without another call', async () => {
    const { calls, pages } = directory(1000, 200, { fails: [3] });

    const part = await pages(PAGE);
    const rest = { ...PAGE, after: part.next };

    expect(part.rows).toHaveLength(399);
    await expect(pages(rest)).rejects.toThrow(RateLimited);
    expect(calls).toHaveLength(3);
    expect((await pages(rest)).rows).toHaveLength(601);
  });

  test('a refusal is not told to another read', async () => {
    const { pages } = directory(1000, 200, { fails: [3] });
    await pages(PAGE);

    expect((await pages(PAGE)).rows.length).toBeGreaterThan(900);
  });

  test('that fails at its first answer is a failure', async () => {
    const { pages } = directory(1000, 200, { fails: [1] });

    await expect(pages(PAGE)).rejects.toThrow(RateLimited);
  });
});
