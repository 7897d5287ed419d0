import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/kernel/hash.ts';
import { endsWell } from '../i1-to-i8.ts';
import { startProgram, type Program } from '../program.ts';

// A NetSuite account: processes of their own, I1 to I8 after each case.

const LIMIT_MS = 150_000;

let program: Program;
beforeAll(async () => {
  program = await startProgram({ system: 'netsuite', streams: ['customer', 'item'] });
}, 240_000);
afterAll(() => program?.stop(), 60_000);
afterEach(async () => {
  await endsWell(program);
}, 240_000);

const suiteql = { match: { path: '/query/v1/suiteql' } };
const passing: readonly (readonly [name: string, least: number, rules: readonly JsonObject[]])[] = [
  ['F-17: an account that refuses calls beyond its pool', 2, [{ action: 'limit', rate: 0.4, times: 4 }]],
  ['F-22: an answer that breaks off', 1, [{ ...suiteql, action: 'truncate_body', nth: 2 }]],
  ['F-25: an account under load that refuses good logins for a while', 2, [{ action: 'overload', nth: 2 }, { action: 'overload', nth: 5 }]],
  ['F-31: rows that are changed between two pages', 0, [{ action: 'page_shift', match: { object: 'customer' } }]],
]; // prettier-ignore
test.each(passing)('%s: the read closes', async (_, least, rules) => {
  await program.change('customer', await program.ids('customer', 4));
  await program.twin.faults(...rules);

  const read = await program.read(true);
  const fired = (await program.twin.firings()).reduce((sum, each) => sum + each, 0);

  expect(read).toBe('succeeded');
  expect(fired).toBeGreaterThanOrEqual(least);
}, LIMIT_MS); // prettier-ignore

test('F-33: a save that becomes visible minutes later carries an older stamp and is in the next read', async () => {
  const [id = ''] = await program.ids('customer', 1);
  await program.twin.post('clock', { advanceSeconds: 300 });
  await program.read();
  const late = { object: 'customer', operation: 'update', id, fields: { companyName: 'Late B.V.' } };
  await program.twin.post('mutate', { ...late, lateSeconds: 200 });
  await program.twin.post('clock', { advanceSeconds: 5 });

  const read = await program.read();

  expect(read).toBe('succeeded');
  expect(
    await program.sql(
      `select r.data ->> 'companyname' as name from source_record r where r.stream = 'customer' and r.record_id = $1`,
      [id],
    ),
  ).toEqual([{ name: 'Late B.V.' }]);
}, LIMIT_MS); // prettier-ignore

test('F-40: an account whose clock is behind ours, and then ten minutes ahead of it', async () => {
  const behind = await program.twin.now();
  await program.change('item', await program.ids('item', 3));
  await program.twin.post('clock', { advanceSeconds: 2 });
  const first = await program.read();

  await program.twin.post('clock', { now: new Date(Date.now() + 600_000).toISOString() });
  await program.change('item', await program.ids('item', 6));
  await program.twin.post('clock', { advanceSeconds: 2 });
  const second = await program.read();

  expect(Date.now() - behind.getTime()).toBeGreaterThan(600_000);
  expect([first, second]).toEqual(['succeeded', 'succeeded']);
}, LIMIT_MS); // prettier-ignore
