import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { residentBytes, waitFor } from '../../support/cli.ts';
import { endsWell } from '../i1-to-i8.ts';
import { CONNECTION, gone, startProgram, type Program, type Reply } from '../program.ts';

// What comes to the program by itself, in processes of its own. I1 to I8 are checked after each case.

const MEGABYTE = 1024 * 1024;
const LIMIT_MS = 180_000;
const FLOOD = 10_000;
/** More than the API lets be under way at once, and fewer. */
const FLOODERS = 250;
const CALM_SENDERS = 40;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const NEXT_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

let program: Program;
beforeAll(async () => {
  program = await startProgram({
    system: 'salesforce',
    streams: ['Account'],
    config: { changeEvents: true },
    secrets: { webhookSecret: SECRET },
  });
  // Listening has to have begun: what is changed before is no event for us.
  await waitFor('the change of an account to come by itself', async () => {
    await program.change('Account', [await anAccount()]);
    return (await rows('inbox')) > 0 ? true : undefined;
  });
}, 240_000);
afterAll(() => program?.stop(), 60_000);
afterEach(async () => {
  await endsWell(program);
}, 240_000);

async function anAccount(): Promise<string> {
  const [id = ''] = await program.ids('Account', 1);
  return id;
}

async function rows(table: 'inbox' | 'run', where = 'true'): Promise<number> {
  const [row] = await program.sql<{ n: number }>(
    `select count(*)::int as n from ${table} where ${where}`,
  );
  return row?.n ?? 0;
}

/** Signed with plain HMAC here, so that the library that verifies is not its own witness. */
function sign(secret: string, id: string, at: number, body: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}

interface Push {
  readonly id?: string;
  readonly body?: string;
  readonly at?: number;
  readonly signature?: string;
}

const BODY = JSON.stringify({ type: 'record.changed', data: { object: 'Account', id: 'any' } });
const now = (): number => Math.floor(Date.now() / 1000);

function push({ id = `msg_${randomUUID()}`, body = BODY, at = now(), signature }: Push = {}): Promise<Reply> {
  return program.send('POST', `/hooks/${CONNECTION}?tenant=default`, {
    key: null,
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(at),
      'webhook-signature': signature ?? sign(SECRET, id, at, body),
    },
  });
} // prettier-ignore

describe('a push', () => {
  test('F-42: that comes ten times at once is kept once and has its effect once', async () => {
    const id = `msg_${randomUUID()}`;

    const replies = await Promise.all(Array.from({ length: 10 }, () => push({ id })));

    expect(replies.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      ...Array.from({ length: 9 }, () => 200),
      202,
    ]);
    expect(await rows('inbox', `event_id = '${id}'`)).toBe(1);
  }, LIMIT_MS); // prettier-ignore

  test('F-46: that is old, was changed or is signed by nobody is refused and audited; one of two signatures is enough', async () => {
    const at = now();
    const id = `msg_${randomUUID()}`;
    const two = `${sign(NEXT_SECRET, id, at, BODY)} ${sign(SECRET, id, at, BODY)}`;

    const old = await push({ at: at - 3600 });
    const changed = await push({ id: 'msg_x', at, body: `${BODY} `, signature: sign(SECRET, 'msg_x', at, BODY) });
    const stranger = await push({ id: 'msg_y', at, signature: sign(NEXT_SECRET, 'msg_y', at, BODY) });
    const rotated = await push({ id, at, signature: two });

    expect([old, changed, stranger, rotated].map(({ status }) => status)).toEqual([401, 401, 401, 202]);
    expect(await rows('inbox', `event_id in ('msg_x', 'msg_y')`)).toBe(0);
    const [audited] = await program.sql<{ n: number }>(`select count(*)::int as n from audit_event a where a.action like 'hook.%'`);
    expect(audited?.n).toBeGreaterThanOrEqual(3);
  }, LIMIT_MS); // prettier-ignore

  test.each([
    ['before it is kept is not acknowledged, and counts when it comes again', 'inbox.before_commit', 202],
    ['after it was kept counts once when it comes again', 'inbox.committed', 200],
  ])('F-47: at which the receiver dies %s', async (_, point, again) => {
    const id = `msg_${randomUUID()}`;
    const doomed = await program.replace('api', `${point}:1`);

    const first = await push({ id }).then(({ status }) => status, () => 'no answer');
    await gone(doomed);
    await program.restart();
    const second = await push({ id });

    expect([first, second.status]).toEqual(['no answer', again]);
    expect(await rows('inbox', `event_id = '${id}'`)).toBe(1);
  }, LIMIT_MS); // prettier-ignore

  test('F-49: of 10,000 at once those beyond what it takes are refused, all are kept once when sent again, they make few reads, and memory stays bounded', async () => {
    const { apiPid } = await program.home.processes();
    const [before, runs] = [await residentBytes(apiPid), await rows('run')];
    const told = new Map<number, number>();
    let peak = 0;
    const began = performance.now();
    const send = async (left: number[], refused: number[]): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const { status } = await push({ id: `msg_flood_${next}` });
        told.set(status, (told.get(status) ?? 0) + 1);
        if (status !== 202) refused.push(next);
        if (next % 250 === 0) peak = Math.max(peak, await residentBytes(apiPid));
      }
    };
    const flood = async (senders: number, left: number[]): Promise<number[]> => {
      const refused: number[] = [];
      await Promise.all(Array.from({ length: senders }, () => send(left, refused)));
      return refused;
    };

    const refused = await flood(FLOODERS, Array.from({ length: FLOOD }, (_, n) => n));
    const keptAtOnce = await rows('inbox', `event_id like 'msg_flood_%'`);
    const accepted = told.get(202) ?? 0;
    let again = [...refused];
    while (again.length > 0) again = await flood(CALM_SENDERS, again);
    const seconds = (performance.now() - began) / 1000;

    expect([...told.keys()].toSorted((one, other) => one - other)).toEqual([202, 429]);
    expect(refused.length).toBeGreaterThan(0);
    expect(keptAtOnce).toBe(accepted);
    expect(await rows('inbox', `event_id like 'msg_flood_%'`)).toBe(FLOOD);
    expect(told.get(202)).toBe(FLOOD);
    expect(peak - before).toBeLessThan(128 * MEGABYTE);
    expect((await rows('run')) - runs).toBeLessThan(10 + 2 * seconds);
  }, 2 * LIMIT_MS); // prettier-ignore
});

describe('change events', () => {
  const landed = async (id: string, name: string): Promise<true> =>
    await waitFor(`${name} to land`, async () => {
      const [row] = await program.sql<{ name: string }>(
        `select r.data ->> 'Name' as name from source_record r where r.record_id = $1`,
        [id],
      );
      return row?.name === name ? true : undefined;
    }, 90); // prettier-ignore
  const name = (): string => `Named ${randomUUID()}`;
  const rename = async (id: string): Promise<string> => {
    const given = name();
    await program.twin.update('Account', id, { Name: given });
    return given;
  };

  test(
    'F-42, F-43: that come twice and out of order end in what the record says',
    async () => {
      const id = await anAccount();
      await program.twin.faults(
        { action: 'duplicate_event', match: { object: 'Account' }, rate: 0.5 },
        { action: 'reorder', match: { object: 'Account' }, rate: 0.5 },
      );

      let last = '';
      for (let change = 0; change < 6; change += 1) last = await rename(id);

      expect(await landed(id, last)).toBe(true);
    },
    LIMIT_MS,
  );

  test.each([
    ['gap', 'a gap'],
    ['overflow', 'an overflow'],
  ])('F-48: after %s the records are read by query, and nobody has to ask', async (action) => {
    const id = await anAccount();
    await program.twin.faults({ action, match: { object: 'Account' }, times: 1 });

    expect(await landed(id, await rename(id))).toBe(true);
  }, LIMIT_MS); // prettier-ignore

  test(
    'F-48: after a place that the vendor keeps no more, what was missed is read by query',
    async () => {
      const id = await anAccount();
      await program.twin.faults({
        action: 'expire_replay',
        match: { object: 'Account' },
        times: 1,
      });
      const { workerPid } = await program.home.processes();
      process.kill(workerPid, 'SIGKILL');
      await gone(workerPid);
      const missed = await rename(id);
      await program.restart();

      expect(await landed(id, missed)).toBe(true);
      expect((await program.twin.firings())[0]).toBe(1);
    },
    LIMIT_MS,
  );
});

describe('telemetry', () => {
  const BATCH = 'application/cloudevents-batch+json';
  const send = (body: string): Promise<Reply> =>
    program.send('POST', '/api/v1/events', { body, headers: { 'content-type': BATCH } });
  const event = (data: string, id: string = randomUUID()): string =>
    `{"specversion":"1.0","id":"${id}","source":"/prod","type":"com.acme.called","time":"${new Date().toISOString()}","data":${data}}`;

  test(
    'F-63: what is too large, too deep, doubled or a prototype is refused fast, and the process lives on',
    async () => {
      const { apiPid } = await program.home.processes();
      const hostile = [
        `[${event(`{"x":"${'a'.repeat(10 * MEGABYTE)}"}`)}]`,
        `[${event(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)}]`,
        `[${event('{"__proto__":{"admin":true}}')}]`,
        `[${event('{"n":1,"n":2}')}]`,
        `[${Array.from({ length: 100_000 }, () => '{}').join()}]`,
        '['.repeat(100_000),
        '{"specversion":',
      ];
      const seen: (readonly [accepted: boolean, fast: boolean])[] = [];
      for (const body of hostile) {
        const began = performance.now();
        const { status, text } = await send(body);
        const accepted = status < 300 && !text.includes('"accepted":0');
        seen.push([accepted || status >= 500, performance.now() - began < 5000]);
      }

      expect(seen).toEqual(hostile.map(() => [false, true]));
      expect((await program.home.processes()).apiPid).toBe(apiPid);
      expect((await send(`[${event('{"n":1}')}]`)).status).toBe(202);
    },
    LIMIT_MS,
  );

  test('F-64: integers beyond 2^53 and long decimals are kept to the digit', async () => {
    const id = randomUUID();

    await send(`[${event('{"big":9007199254740993,"exact":0.10000000000000000001}', id)}]`);

    // Kept whole at once, and taken apart by a worker.
    const text = await waitFor('the event', async () => {
      const [row] = await program.sql<{ text: string }>(
        `select e::text as text from usage_event e where e.event_id = $1`,
        [id],
      );
      return row?.text;
    });
    expect(text).toContain('9007199254740993');
    expect(text).toContain('0.10000000000000000001');
  }, LIMIT_MS); // prettier-ignore
});
