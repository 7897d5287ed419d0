import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../test/support/api.ts';
import type { TenantTx } from '../db/store.ts';
import { addConnection } from '../intake/connections.ts';
import { openRun } from '../intake/runs.ts';
import { startServer } from './server.ts';

interface Event {
  readonly id: string;
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at data of every shape
  readonly data: any;
}

interface Listener {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly events: Event[];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  leave(): void;
}

let api: TestApi;
let viewer: string;
let run = '';

beforeAll(async () => {
  api = await testApi();
  viewer = (await api.person('acme', ['viewer'])).key;
  const connection = { id: 'people', connector: 'scim', role: 'directory', config: {}, allowPrivateNetwork: false } as const; // prettier-ignore
  await inTx((tx) => addConnection(tx, connection));
});
afterAll(() => api.close());
beforeEach(async () => {
  const facts = { connection: 'people', trigger: 'person', requestedBy: 'system:test', full: true, streams: ['Users'] } as const; // prettier-ignore
  run = await inTx((tx) => openRun(tx, facts));
});

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  api.deps.store.withTenant('acme', fn);

const landed = (page: number, given: number) =>
  inTx((tx) =>
    tx.run(
      `insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given, mapped_at)
       values ($1, $2, 'Users', $3, '{}', '{}', $4, app.clock())`,
      [tx.tenantId, run, page, given],
    ),
  );
const end = () =>
  inTx(async (tx) => {
    await tx.run(`update run_stream set status = 'succeeded' where run_id = $1`, [run]);
    await tx.run(`update run set status = 'succeeded', finished_at = app.clock() where id = $1`, [run]); // prettier-ignore
  });

async function listen(
  options: { readonly url?: string; readonly id?: string; readonly after?: string; readonly key?: string } = {},
): Promise<Listener> {
  const { url = api.url, id = run, after, key = viewer } = options;
  const headers = { authorization: `Bearer ${key}`, ...(after === undefined ? {} : { 'last-event-id': after }) };
  const events: Event[] = [];
  return await new Promise((resolve, reject) => {
    const request = get(`${url}/api/v1/runs/${id}/events`, { headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        const blocks = (text + part).split('\n\n');
        text = blocks.pop() ?? '';
        events.push(...blocks.filter((block) => block.startsWith('id:')).map(parse));
      });
      const ended = new Promise<void>((done) => void response.on('close', done));
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        events,
        ended,
        leave: () => void request.destroy(),
      });
    });
    request.on('error', reject);
  });
} // prettier-ignore

function parse(block: string): Event {
  const [id = '', event = '', data = ''] = block
    .split('\n')
    .map((line) => line.replace(/^\w+: /, ''));
  return { id, event, data: JSON.parse(data) };
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done() && tries < 200; tries += 1) await delay(25);
}

describe('following a run', () => {
  test('tells how far it is, what it grows to, and ends with the run itself', async () => {
    await inTx((tx) => tx.run(`update run_stream set expected = 50 where run_id = $1`, [run]));
    const listener = await listen();
    await until(() => listener.events.length === 1);
    await landed(0, 20);
    await until(() => listener.events.length === 2);
    await end();
    await listener.ended;

    expect(listener.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(listener.events.map(({ event, data }) => [event, data.status, data.streams[0].landed])).toEqual([
      ['progress', 'running', 0],
      ['progress', 'running', 20],
      ['end', 'succeeded', 20],
    ]);
    expect(listener.events[1]?.data.streams[0].expected).toBe(50);
    expect(listener.events[2]?.data.requestedBy).toBe('system:test');
  }); // prettier-ignore

  test('tells changes once a second at most, and the end at once', async () => {
    const listener = await listen();
    await until(() => listener.events.length === 1);
    const started = performance.now();
    for (let page = 0; page < 8; page += 1) {
      await landed(page, 1);
      await delay(200);
    }
    const told = listener.events.length;
    const seconds = (performance.now() - started) / 1000;
    await end();
    const endedAt = performance.now();
    await listener.ended;

    expect(told).toBeLessThanOrEqual(1 + Math.ceil(seconds));
    expect(performance.now() - endedAt).toBeLessThan(900);
  });

  test('goes on after the last event that was seen, and does not repeat it', async () => {
    const first = await listen();
    await until(() => first.events.length === 1);
    first.leave();
    const second = listen({ after: first.events[0]?.id ?? '' });
    await delay(300);
    await landed(0, 5);
    const listener = await second;
    await until(() => listener.events.length === 1);
    listener.leave();

    expect(listener.events.map(({ data }) => data.streams[0].landed)).toEqual([5]);
  });

  test('of one that has ended gives its end alone', async () => {
    await end();

    const listener = await listen();
    await listener.ended;

    expect(listener.events.map(({ event }) => event)).toEqual(['end']);
  });

  test('waits with the end for pages that are still mapped', async () => {
    await landed(0, 5);
    await inTx((tx) => tx.run(`update run_page set mapped_at = null where run_id = $1`, [run]));
    await end();
    const listener = await listen();
    await until(() => listener.events.length === 1);
    const before = listener.events.map(({ event }) => event);
    await inTx((tx) => tx.run(`update run_page set mapped_at = app.clock() where run_id = $1`, [run])); // prettier-ignore
    await listener.ended;

    expect(before).toEqual(['progress']);
    expect(listener.events.at(-1)?.event).toBe('end');
  });
});

describe('who may follow a run', () => {
  test('nobody without a key, and nobody of another company: it is answered as a problem', async () => {
    const stranger = (await api.person('globex', ['admin'])).key;

    const keyless = await listen({ key: 'tru_no' });
    const foreign = await listen({ key: stranger });
    const unknown = await listen({ id: 'run_none' });

    expect([keyless.status, foreign.status, unknown.status]).toEqual([401, 404, 404]);
    expect(foreign.headers['content-type']).toContain('application/problem+json');
  });

  test('no more than 50 of a company at a time, and the next one when one has left', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => listen()));
    const refused = await listen();
    all[0]?.leave();
    await delay(100);
    const next = await listen();
    for (const each of [...all, next]) each.leave();

    expect([refused.status, next.status]).toEqual([429, 200]);
  });
});

test('however many follow a run, the store is asked by one', async () => {
  let asked = 0;
  const { store } = api.deps;
  const counting = {
    ...store,
    readTenant: ((tenant, fn) => {
      asked += 1;
      return store.readTenant(tenant, fn);
    }) as typeof store.readTenant,
  };
  const server = await startServer({ ...api.deps, store: counting }, { host: '127.0.0.1', port: 0 });
  const listeners = await Promise.all(Array.from({ length: 20 }, () => listen({ url: server.url })));
  const before = asked;
  await delay(1000);
  const looks = asked - before;
  await server.close(0);
  for (const each of listeners) each.leave();

  expect(looks).toBeLessThan(10);
}); // prettier-ignore

test('a server that closes ends the streams at once and does not wait for those who follow', async () => {
  const server = await startServer(api.deps, { host: '127.0.0.1', port: 0 });
  const listener = await listen({ url: server.url });
  const started = performance.now();

  await server.close(20_000);
  await listener.ended;

  expect(performance.now() - started).toBeLessThan(2000);
  expect(listener.events.map(({ event }) => event)).toEqual(['progress']);
});
