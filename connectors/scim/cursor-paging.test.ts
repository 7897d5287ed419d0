import { describe, expect, test } from '@jest/globals';
import { useDirectories } from '../../test/support/scim-directory.ts';
import { RemoteRejected, RemoteUnavailable } from '../../src/sdk/kernel.ts';
import { afterRefusal, cursorOn, cursorStart } from './cursor-walk.ts';

const WINDOW = { mode: 'full', from: null, to: null } as const;
const open = useDirectories();

const distinct = (records: readonly { readonly id: string }[]): number =>
  new Set(records.map(({ id }) => id)).size;

describe('a directory that pages by cursor', () => {
  test.each(['cursor', 'both'])(
    'offered as %s, everybody comes once, and the count agrees',
    async (pagination) => {
      const { session, readAll, listed } = await open(455, { pagination, maxResults: 100 });

      const records = await readAll('Users');

      expect([records.length, distinct(records)]).toEqual([455, 455]);
      expect(await session.countWindow('Users', WINDOW)).toBe(455);
      expect((await listed()).size).toBe(455);
    },
  );

  test('what the directory offers decides, unless the connection says otherwise', async () => {
    const both = { pagination: 'both' };
    const first = async (settings: { pagination?: string }, paging?: string) => {
      const { session } = await open(300, settings, paging === undefined ? {} : { paging });
      return Object.keys((await session.readPage('Users', WINDOW, null, { limit: 9 })).next ?? {});
    };

    expect(await first(both)).toContain('cursor');
    expect(await first({})).toContain('startIndex');
    expect(await first(both, 'index')).toContain('startIndex');
    expect(await first(both, 'cursor')).toContain('cursor');
  });

  test('F-31: rows that come and go between pages shift nothing: nobody is missed, nobody comes twice', async () => {
    const { twin, readAll, listed } = await open(455, { pagination: 'cursor', maxResults: 50 });
    await twin.faults({
      action: 'page_shift',
      match: { object: 'Users' },
      with: { delete: 2, insert: 1 },
    });

    const records = await readAll('Users');
    const read = new Set(records.map(({ id }) => id));
    await twin.faults();
    const left = [...(await listed())];

    expect(records.length).toBe(read.size);
    expect(left.filter((id) => !read.has(id))).toEqual([]);
    expect(left.length).toBeLessThan(455);
  });

  test('an expired cursor starts the list over, and what was read before stays', async () => {
    const { twin, readAll } = await open(455, { pagination: 'cursor', maxResults: 100 });
    await twin.faults({ action: 'expire_locator', match: { object: 'Users' }, nth: 3 });

    const records = await readAll('Users');

    expect(distinct(records)).toBe(455);
    expect(records.length).toBe(300 + 455);
  });

  test('a cursor that outlives its time at the directory is expired too', async () => {
    const { twin, readAll } = await open(250, { pagination: 'cursor', cursorTimeout: 60 });

    const records = await readAll('Users', async (page) => {
      if (page === 0) await twin.advance(61);
    });

    expect([records.length, distinct(records)]).toEqual([200 + 250, 250]);
  });

  test('that forgets every cursor is read by index where it offers that, and is a failure where not', async () => {
    const forgetful = { action: 'expire_locator', match: { object: 'Users' } };
    const both = await open(455, { pagination: 'both', maxResults: 100 });
    await both.twin.faults(forgetful);
    const only = await open(455, { pagination: 'cursor', maxResults: 100 });
    await only.twin.faults(forgetful);

    expect(distinct(await both.readAll('Users'))).toBe(455);
    await expect(only.readAll('Users')).rejects.toThrow(
      /after 600 seconds before the list is read/,
    );
  });

  test('asks for no more than the directory gives, and for less where that is refused as well', async () => {
    const { session } = await open(
      300,
      { pagination: 'cursor', maxResults: 30 },
      { pageSize: 200 },
    );
    const { next } = await session.readPage('Users', WINDOW, null, { limit: 30 });

    const smaller = await session.readPage('Users', WINDOW, { ...cursorStart(200) });

    expect(next).toMatchObject({ count: 30 });
    expect(smaller.next).toMatchObject({ count: 25 });
    expect(smaller.records).toHaveLength(7 * 25);
  });

  test('a smaller page that intake asks for holds at most so many records, and loses none', async () => {
    const { session } = await open(60, { pagination: 'cursor' });

    const first = await session.readPage('Users', WINDOW, null, { limit: 7 });
    const rest = await session.readPage('Users', WINDOW, first.next);

    expect([first.records.length, rest.records.length]).toEqual([7, 53]);
  });
});

describe('the walk', () => {
  const token = { ...cursorStart(50), cursor: 'a', page: null };
  const rows = [{ id: '1' }, { id: '2' }];

  test('ends where no cursor is given, and goes on behind a page without rows', () => {
    expect(cursorOn(token, rows, undefined)).toBeNull();
    expect(cursorOn(token, rows, '')).toBeNull();
    expect(cursorOn(token, [], 'b')).toMatchObject({ cursor: 'b' });
  });

  test('gives up where cursors lead to the same rows, or to themselves, again and again', () => {
    const second = cursorOn(token, rows, 'b') ?? token;
    const third = cursorOn(second, rows, 'c') ?? token;

    expect(() => cursorOn(third, rows, 'd')).toThrow(RemoteUnavailable);
    const stuck = cursorOn(token, [], 'a') ?? token;
    expect(() => cursorOn(stuck, [], 'a')).toThrow(RemoteUnavailable);
  });

  test('starts over three times, and takes no other refusal for a forgotten cursor', () => {
    const refused = (scimType: string) => new RemoteRejected('no', { details: { scimType } });

    expect(afterRefusal(token, refused('expiredCursor'))).toEqual({
      ...cursorStart(50),
      restarts: 1,
    });
    expect(afterRefusal({ ...token, restarts: 3 }, refused('invalidCursor'))).toBeNull();
    expect(() => afterRefusal(token, refused('invalidFilter'))).toThrow(RemoteRejected);
    expect(() => afterRefusal(cursorStart(50), refused('invalidCursor'))).toThrow(RemoteRejected);
    expect(() => afterRefusal(cursorStart(1), refused('invalidCount'))).toThrow(RemoteRejected);
  });
});
