import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { JsonObject } from '../../../src/kernel/hash.ts';
import { waitFor } from '../../support/cli.ts';
import { textOf } from '../../support/company-twins.ts';
import { patch, USER } from '../../support/scim-push.ts';
import { endsWell } from '../i1-to-i8.ts';
import { CONNECTION, startProgram, type Program, type Reply } from '../program.ts';

// A directory that is read, and one that pushes into the program: processes of their own, I1 to I8 after each case.

const LIMIT_MS = 150_000;

let program: Program;
let token: string;
beforeAll(async () => {
  program = await startProgram({ system: 'scim', streams: ['Users', 'Groups'] });
  const added = await program.home.run(['directories', 'add', 'idp']);
  token = /^trd_\w+$/m.exec(added.out)?.[0] ?? '';
}, 240_000);
afterAll(() => program?.stop(), 60_000);
afterEach(async () => {
  await endsWell(program);
}, 240_000);

const mutate = (operation: string, more: JsonObject): Promise<void> =>
  program.twin.post('mutate', { object: 'Users', operation, ...more });

describe('a directory that is read', () => {
  const passing: readonly (readonly [name: string, rules: readonly JsonObject[]])[] = [
    ['F-17: refusals for the rate', [{ action: 'status', status: 429, headers: { 'retry-after': '1' }, nth: 3 }]],
    ['F-22: a page that breaks off', [{ action: 'truncate_body', nth: 4 }]],
    ['F-31: people who come and go between two pages', [{ action: 'page_shift', match: { object: 'Users' }, times: 3 }]],
  ]; // prettier-ignore
  test.each(passing)('%s', async (_, rules) => {
    await program.twin.faults(...rules);

    expect(await program.read()).toBe('succeeded');
    expect((await program.twin.firings())[0]).toBeGreaterThan(0);
  }, LIMIT_MS); // prettier-ignore

  test('F-37: attributes that nobody knows land, are no reason to stop, and change no fact', async () => {
    const [id = ''] = await program.ids('Users', 1);
    const factOf = (): Promise<readonly object[]> =>
      program.sql(`select f.body from fact f where f.noun = 'userAccount' and f.external_ref = $1 and f.recorded_to = 'infinity'`, [id]); // prettier-ignore
    const before = await factOf();
    await mutate('update', { id, fields: { 'urn:example:badge': { colour: 'blue' }, badge: '7' } });

    const read = await program.read();
    const paused = await program.sql(`select p.stream from mapping_pause p`);

    expect([read, paused, await factOf()]).toEqual(['succeeded', [], before]);
    expect(before).toHaveLength(1);
  }, LIMIT_MS); // prettier-ignore

  test('F-73: who leaves and is hired again the same day, in one read or in two, has the seats as before', async () => {
    const [twice = '', once = ''] = (await program.twin.records('Users'))
      .filter((user) => user['active'] === true && Array.isArray(user['entitlements']))
      .map((user) => textOf(user, 'id'));
    const accounts = (): Promise<readonly object[]> =>
      program.sql(
        `select f.external_ref as ref, f.body ->> 'active' as active from fact f where f.noun = 'userAccount'
         and f.recorded_to = 'infinity' and f.connection = $1 and f.external_ref in ($2, $3) order by 1`,
        [CONNECTION, twice, once],
      );
    const before = await accounts();

    await mutate('update', { id: twice, fields: { active: false } });
    await mutate('update', { id: once, fields: { active: false } });
    await mutate('update', { id: once, fields: { active: true } });
    await program.read();
    const between = await waitFor('the leaver to be gone', async () => {
      const now = await accounts();
      return JSON.stringify(now).includes('false') ? now : undefined;
    });
    await mutate('update', { id: twice, fields: { active: true } });
    await program.read();

    expect(before).toHaveLength(2);
    expect(between).not.toEqual(before);
    await waitFor('everything to be as before', async () =>
      JSON.stringify(await accounts()) === JSON.stringify(before) ? true : undefined,
    );
  }, LIMIT_MS); // prettier-ignore
});

describe('a directory that pushes', () => {
  const call = (method: string, path: string, body?: unknown): Promise<Reply> =>
    program.send(method, `/scim/v2${path}`, {
      key: token,
      headers: { 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }); // prettier-ignore
  const Made = z.looseObject({ id: z.string(), active: z.boolean().optional() });
  const newUser = async (userName: string, more: JsonObject = {}): Promise<string> => {
    const { status, text } = await call('POST', '/Users', { schemas: [USER], userName, ...more });
    if (status !== 201) throw new Error(text);
    return Made.parse(JSON.parse(text)).id;
  };

  test(
    'F-72: what is no honest request is refused in the words of RFC 7644 and changes nothing',
    async () => {
      const name = `${randomUUID()}@meridian.example`;
      const id = await newUser(name, { externalId: '1', active: true });
      const before = await call('GET', `/Users/${id}`);

      const refused = await Promise.all([
        call(
          'PATCH',
          `/Users/${id}`,
          patch({ op: 'replace', path: 'favouriteColour', value: 'x' }),
        ),
        call('POST', '/Users', { schemas: [USER], userName: name.toUpperCase() }),
        call('POST', '/Users', `{"schemas":["${USER}"],"userName":"a","userName":"b"}`),
        call(
          'POST',
          '/Users',
          `{"schemas":["${USER}"],"userName":"c","__proto__":{"active":true}}`,
        ),
        call('GET', '/Users/1'),
      ]);

      expect(refused.map(({ status }) => status)).toEqual([400, 409, 400, 400, 404]);
      expect(await call('GET', `/Users/${id}`)).toEqual(before);
    },
    LIMIT_MS,
  );

  test(
    'F-72: active as a text is a truth value; a user who is deleted and made again is another one',
    async () => {
      const name = `${randomUUID()}@meridian.example`;
      const id = await newUser(name, { externalId: '1', active: true });

      await call('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: 'False' }));
      const { text } = await call('GET', `/Users/${id}`);
      await call('DELETE', `/Users/${id}`);
      const again = await newUser(name, { externalId: '1' });

      expect(Made.parse(JSON.parse(text)).active).toBe(false);
      expect(again).not.toBe(id);
      expect((await call('GET', `/Users/${id}`)).status).toBe(404);
    },
    LIMIT_MS,
  );

  test(
    'F-73: joiner and leaver events in any order end as the last one says',
    async () => {
      const id = await newUser(`${randomUUID()}@meridian.example`, { active: true });
      const set = (active: boolean): Promise<Reply> =>
        call('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: active }));
      const isActive = async (active: boolean): Promise<boolean> =>
        await waitFor(`the account to be ${active ? 'active' : 'closed'}`, async () => {
          const [fact] = await program.sql<{ active: string }>(
            `select f.body ->> 'active' as active from fact f
           where f.noun = 'userAccount' and f.external_ref = $1 and f.recorded_to = 'infinity'`,
            [id],
          );
          return fact?.active === String(active) ? true : undefined;
        });

      for (const active of [false, true, false, true]) await set(active);
      expect(await isActive(true)).toBe(true);
      for (const active of [true, false]) await set(active);
      expect(await isActive(false)).toBe(true);
    },
    LIMIT_MS,
  );
});
