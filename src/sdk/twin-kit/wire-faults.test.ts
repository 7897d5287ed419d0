import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../kernel/hash.ts';
import type { RunningTwin } from '../define-twin.ts';
import { FaultPlan } from './faults.ts';
import { createTwinCore, serveTwin } from './twin-core.ts';

const OPTIONS = {
  world: { objects: {}, settings: {} },
  planted: [],
  startAt: '2026-03-02T09:00:00Z',
  seed: 1,
};
let applied = 0;
let expired = 0;
let twin: RunningTwin;

const start = (port: number | null, rules: JsonObject[] = []): Promise<RunningTwin> =>
  serveTwin(
    createTwinCore({ ...OPTIONS, port }),
    {
      system: 'echo',
      objects: ['Note'],
      actions: ['drop_record', 'late'],
      handler: () => {
        applied += 1;
        return { status: 200, body: { records: [{ Id: 'a' }] } };
      },
      credentials: () => ({ config: {}, secrets: {} }),
      mutate: () => 'a',
      records: () => [],
      reset: () => undefined,
      expireTokens: () => {
        expired += 1;
      },
    },
    { ...OPTIONS, port, faults: FaultPlan.parse({ rules }) },
  );

async function plan(...rules: JsonObject[]): Promise<Response> {
  return await fetch(`${twin.control}/faults`, {
    method: 'PUT',
    body: JSON.stringify({ rules }),
  });
}

/** Reads until `most` bytes have come and hangs up: what a client with a limit does. */
function readAtMost(most: number): Promise<{ bytes: number; headers: JsonObject; ended: boolean }> {
  return new Promise((done, failed) => {
    const call = httpRequest(twin.url, (response) => {
      let bytes = 0;
      const finish = (ended: boolean): void => {
        call.destroy();
        done({ bytes, headers: { ...response.headers } as JsonObject, ended });
      };
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes >= most) finish(false);
      });
      response.on('end', () => finish(true));
      response.on('error', () => undefined);
    });
    call.on('error', failed);
    call.end();
  });
}

beforeAll(async () => {
  twin = await start(0);
});
afterAll(async () => {
  await twin.stop();
});

describe('faults of the wire', () => {
  test('a sign-in page comes with 200 and text/html, and nothing is applied', async () => {
    await plan({ action: 'html_page', nth: 1 });
    const before = applied;

    const reply = await fetch(twin.url);

    expect([reply.status, reply.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=UTF-8',
    ]);
    expect(await reply.text()).toContain('<form');
    expect(applied).toBe(before);
  });

  test('a wrong content type keeps the true body', async () => {
    await plan({ action: 'wrong_type', nth: 1 });

    const reply = await fetch(twin.url);

    expect(reply.headers.get('content-type')).toBe('text/plain');
    expect(await reply.json()).toEqual({ records: [{ Id: 'a' }] });
  });

  test('a redirect names where it leads', async () => {
    await plan({ action: 'redirect', nth: 1, headers: { location: 'http://127.0.0.1:9/x' } });

    const reply = await fetch(twin.url, { redirect: 'manual' });

    expect([reply.status, reply.headers.get('location')]).toEqual([302, 'http://127.0.0.1:9/x']);
  });

  test('a status comes with the headers and the body of its rule', async () => {
    await plan({ action: 'status', status: 429, headers: { 'retry-after': '7' }, body: 'slow' });

    const reply = await fetch(twin.url);

    expect([reply.status, reply.headers.get('retry-after'), await reply.text()]).toEqual([
      429,
      '7',
      'slow',
    ]);
  });

  test('a huge body goes on for as long as the client reads, and ends at its size', async () => {
    await plan({ action: 'huge_body' });
    const cut = await readAtMost(8 * 1024 * 1024);
    await plan({ action: 'huge_body', bytes: 300_000 });
    const whole = await readAtMost(1024 ** 3);

    expect(cut.ended).toBe(false);
    expect(whole).toMatchObject({ bytes: 300_001, ended: true });
  });

  test('a slow body comes byte by byte', async () => {
    await plan({ action: 'slow_body', bytes: 4, delayMs: 30 });
    const startedAt = performance.now();

    const { bytes } = await readAtMost(1000);

    expect(bytes).toBe(5);
    expect(performance.now() - startedAt).toBeGreaterThan(100);
  });

  test('a gzip bomb is a thousand times as large as what crosses the wire', async () => {
    await plan({ action: 'gzip_bomb', bytes: 64 * 1024 * 1024 });

    const { bytes, headers, ended } = await readAtMost(1024 ** 3);

    expect([headers['content-encoding'], ended]).toEqual(['gzip', true]);
    expect(bytes * 500).toBeLessThan(64 * 1024 * 1024);
  });

  test('an expired token is expired before the request is answered', async () => {
    await plan({ action: 'expire_token', nth: 1 });
    const before = expired;

    const reply = await fetch(twin.url);

    expect([reply.status, expired - before]).toEqual([200, 1]);
  });
});

describe('a plan', () => {
  test('with a fault of the state that this twin cannot carry out is refused, naming those it can', async () => {
    const reply = await plan({ action: 'row_lock' });

    expect(reply.status).toBe(400);
    expect(await reply.json()).toEqual({
      error: expect.stringMatching(/cannot carry out "row_lock".*drop_record, late/),
    });
  });

  test('that a twin is started with is checked before it serves', async () => {
    await expect(start(null, [{ match: { object: 'Nothing' }, action: 'late' }])).rejects.toThrow(
      'holds no Nothing',
    );
  });
});

describe('without a socket', () => {
  test('a twin answers to `ask` with the same faults', async () => {
    const silent = await start(null, [
      { match: {}, action: 'status', status: 503, nth: 1 },
      { match: {}, action: 'apply_then_reset', nth: 2 },
      { match: {}, action: 'delay', delayMs: 5000, nth: 3 },
    ]);
    const slept: number[] = [];
    const before = applied;
    const ask = () =>
      silent.ask(
        {
          method: 'GET',
          path: '/',
          query: new URLSearchParams(),
          headers: {},
          rawBody: Buffer.alloc(0),
        },
        async (ms) => slept.push(ms),
      );

    const outcomes = [await ask(), await ask(), await ask()];

    expect(outcomes.map(({ kind }) => kind)).toEqual(['reply', 'reset', 'reply']);
    expect([applied - before, slept]).toEqual([2, [5000]]);
  });
});
