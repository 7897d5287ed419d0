import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/kernel/hash.ts';
import { openStore } from '../../../src/db/store.ts';
import { residentBytes, waitFor } from '../../support/cli.ts';
import { endsWell } from '../i1-to-i8.ts';
import { api, gone, inSmallPages, startProgram, type Program } from '../program.ts';

// The wire and the vendor's answers, as in `reading.test.ts`: processes of their own, I1 to I8 after each case.

const MEGABYTE = 1024 * 1024;
const LIMIT_MS = 150_000;

let program: Program;
let decoy: Server;
let strangers = 0;

beforeAll(async () => {
  decoy = createServer((_, response) => {
    strangers += 1;
    response.end('{}');
  });
  await new Promise<void>((done) => {
    decoy.listen(0, '127.0.0.1', done);
  });
  program = await startProgram({ system: 'salesforce', streams: ['Account', 'Product2'] });
}, 240_000);
afterAll(async () => {
  await program?.stop();
  decoy.close();
}, 60_000);

afterEach(async () => {
  await endsWell(program);
}, 240_000);

const soon = (): string => new Date(Date.now() + 2000).toUTCString();

describe('a read goes through what passes', () => {
  const passing: readonly (readonly [name: string, rules: () => readonly JsonObject[]])[] = [
    ['F-17: refusals for the rate, by seconds, by date and by nonsense', () => [
      api({ action: 'status', status: 429, headers: { 'retry-after': '1' }, nth: 2 }),
      api({ action: 'status', status: 429, headers: { 'retry-after': soon() }, nth: 4 }),
      api({ action: 'status', status: 429, headers: { 'retry-after': 'soon' }, nth: 6 }),
    ]],
    ['F-18: a vendor that is unavailable now and then', () => [api({ action: 'status', status: 503, rate: 0.3, times: 3 })]],
    ['F-22: an answer that is no JSON', () => [api({ action: 'malformed_json', nth: 3 })]],
    ['F-22: a JSON answer that says it is text', () => [api({ action: 'wrong_type', nth: 3 })]],
    ['F-31: rows that change between the pages', () => [
      { action: 'page_shift', match: { object: 'Account' }, times: 6 },
      inSmallPages('Account', 20),
    ]],
    ['F-34: a query that the vendor has forgotten', () => [
      { action: 'expire_locator', match: { object: 'Account' } },
      inSmallPages('Account', 60),
    ]],
  ]; // prettier-ignore
  test.each(passing)('%s', async (_, rules) => {
    await program.change('Account', await program.ids('Account', 20));
    await program.twin.faults(...rules());

    const read = await program.read(true);

    expect(read).toBe('succeeded');
  }, LIMIT_MS); // prettier-ignore

  // A clock that is wrong stays so: were it set back, a record would carry an older stamp than before.
  test('F-40: a source whose clock is behind ours, and then ten minutes ahead of it', async () => {
    const behind = await program.twin.now();
    await program.change('Account', await program.ids('Account', 3));
    const first = await program.read();

    await program.twin.post('clock', { now: new Date(Date.now() + 600_000).toISOString() });
    await program.change('Account', await program.ids('Account', 6));
    const second = await program.read();

    expect(Date.now() - behind.getTime()).toBeGreaterThan(600_000);
    expect([first, second]).toEqual(['succeeded', 'succeeded']);
  }, LIMIT_MS); // prettier-ignore
});

describe('a read that cannot go on says so, keeps nothing half, and a later one goes on', () => {
  const lasting: readonly (readonly [name: string, rule: JsonObject])[] = [
    ['F-16: nobody answers', { action: 'refuse' }],
    ['F-22: every answer is a sign-in page', { action: 'html_page' }],
  ];
  test.each(lasting)('%s', async (_, rule) => {
    await program.change('Account', await program.ids('Account', 3));
    await program.twin.faults(api(rule));

    const runId = await program.start();
    const status = await program.settled(runId);

    expect(status).not.toBe('succeeded');
    expect(await program.pagesOf(runId)).toEqual([]);
  }, LIMIT_MS); // prettier-ignore

  test('F-27: a redirect is not followed, and its host is never called', async () => {
    const location = `http://127.0.0.1:${(decoy.address() as AddressInfo).port}/`;
    await program.change('Account', await program.ids('Account', 3));
    await program.twin.faults(api({ action: 'redirect', headers: { location } }));

    const status = await program.read();

    expect([status === 'succeeded', strangers]).toEqual([false, 0]);
    expect((await program.twin.firings())[0]).toBeGreaterThan(0);
  }, LIMIT_MS); // prettier-ignore

  const floods: readonly (readonly [name: string, rule: JsonObject])[] = [
    ['F-29: an answer of 2 GB', { action: 'huge_body', times: 1 }],
    ['F-30: an answer that unpacks to 1 GB', { action: 'gzip_bomb', times: 1 }],
  ];
  test.each(floods)('%s is cut off, and memory stays bounded', async (_, rule) => {
    await program.twin.faults(api(rule));
    const { workerPid } = await program.home.processes();
    const before = await residentBytes(workerPid);

    await program.start();
    let peak = 0;
    for (let look = 0; look < 80; look += 1) {
      peak = Math.max(peak, await residentBytes(workerPid));
      await delay(100);
    }

    expect((await program.twin.firings())[0]).toBe(1);
    expect(peak).toBeGreaterThan(0);
    expect(peak - before).toBeLessThan(256 * MEGABYTE);
  }, LIMIT_MS); // prettier-ignore
});

test('F-11: a page at which the process dies again and again is asked for smaller, until it goes through', async () => {
  let doomed = await program.replace('worker', 'pull.fetched:1');
  const runId = await program.start(['Account'], true);
  for (let death = 1; death < 5; death += 1) {
    await gone(doomed);
    await program.restart('pull.fetched:1');
    doomed = (await program.home.processes()).workerPid;
  }
  await gone(doomed);
  await program.restart();

  const status = await program.ended(runId);

  expect(status).toBe('succeeded');
  const [first = 0] = await program.pagesOf(runId);
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(200);
}, LIMIT_MS); // prettier-ignore

test('F-39: a store that takes no writes for a while holds the place; the same read goes on and closes', async () => {
  await program.twin.faults(
    inSmallPages('Account', 10),
    api({ action: 'delay', delayMs: 400, match: { path: '/query' } }),
  );
  const database = new URL(program.db.adminUrl).pathname.slice(1);
  const superuser = openStore({ url: program.db.adminUrl, poolSize: 1 });
  const readOnly = (is: boolean): Promise<void> =>
    superuser.asOwner(async (tx) => {
      await tx.run('set transaction read write');
      await tx.run(`alter database ${database} set default_transaction_read_only = ${String(is)}`);
      await tx.run(
        `select pg_terminate_backend(a.pid) from pg_stat_activity a
         where a.datname = current_database() and a.pid <> pg_backend_pid()`,
      );
    });
  const runId = await program.start(['Account'], true);
  await waitFor('some pages', async () =>
    (await program.pagesOf(runId)).length >= 2 ? true : undefined,
  );

  await readOnly(true);
  const held = (await program.pagesOf(runId)).length;
  await delay(4000);
  const after = (await program.pagesOf(runId)).length;
  await readOnly(false);
  await superuser.close();
  await program.restart();
  const status = await program.ended(runId);

  expect(held).toBeLessThan(20);
  expect([after, status]).toEqual([held, 'succeeded']);
  expect((await program.pagesOf(runId)).reduce((sum, given) => sum + given, 0)).toBe(200);
}, LIMIT_MS); // prettier-ignore
