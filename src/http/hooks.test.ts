import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const NEXT_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const BODY = JSON.stringify({ type: 'record.changed', data: { object: 'employment', id: 'e-1' } });

let api: TestApi;
let admin: string;

beforeAll(async () => {
  api = await testApi();
  admin = (await api.person('acme', ['admin'])).key;
  await add('hooked', SECRET);
});
afterAll(() => api.close());

async function add(name: string, secret?: string): Promise<Answer> {
  return await api.call('POST', '/api/v1/connections', {
    key: admin,
    body: {
      name,
      connector: 'file',
      config: { directory: '/tmp' },
      check: false,
      secrets: secret === undefined ? {} : { webhookSecret: secret },
    },
  });
}

interface Push {
  readonly connection?: string;
  readonly tenant?: string;
  readonly id?: string;
  readonly body?: string;
  readonly at?: number;
  readonly secret?: string;
  readonly signature?: string;
}

/** Signed with plain HMAC here, so that the library that verifies is not its own witness. */
function sign(secret: string, id: string, at: number, body: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}

async function push(options: Push = {}): Promise<Answer> {
  const {
    connection = 'hooked',
    tenant = 'acme',
    id = `msg_${randomUUID()}`,
    body = BODY,
    at = Math.floor(Date.now() / 1000),
    secret = SECRET,
  } = options;
  return await api.call('POST', `/hooks/${connection}?tenant=${tenant}`, {
    body: Buffer.from(body),
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(at),
      'webhook-signature': options.signature ?? sign(secret, id, at, body),
    },
  });
}

async function rows(table: string, where = ''): Promise<number> {
  const [row] = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql<{ count: number }>(`select count(*)::int as count from ${table} ${where}`),
  );
  return row?.count ?? 0;
}

/** As if the worker had read everything that was asked for. */
async function readAll(): Promise<void> {
  await api.deps.store.withTenant('acme', (tx) =>
    tx.run(`update run_stream set status = 'succeeded'`),
  );
}

describe('a signed push', () => {
  test('is kept before it is answered, and asks for one read of the named object', async () => {
    const answer = await push({ id: 'msg_first' });

    expect([answer.status, answer.body.status]).toEqual([202, 'accepted']);
    expect(
      await rows(
        'inbox',
        `where event_id = 'msg_first' and processed_at is not null and length(body_hash) = 64`,
      ),
    ).toBe(1);
    expect(
      await rows('outbox', `where job = 'pull' and key = '${answer.body.runId}/employment'`),
    ).toBe(1);
    expect(
      await rows(
        'run',
        `where id = '${answer.body.runId}' and trigger = 'hook' and requested_by = 'system:hook'`,
      ),
    ).toBe(1);
    expect(api.woken.map((ref) => ref.key)).toContain(`${answer.body.runId}/employment`);
  });

  test('F-42: that comes ten times at once has its effect once', async () => {
    await readAll();
    const before = await rows('run');

    const answers = await Promise.all(Array.from({ length: 10 }, () => push({ id: 'msg_ten' })));

    expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(9);
    expect(answers.filter((answer) => answer.body.status === 'duplicate')).toHaveLength(9);
    expect(await rows('run')).toBe(before + 1);
  });

  test('F-49: ten different ones at once are kept, and make one read that will see them all', async () => {
    await readAll();
    const before = await rows('run');

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => push({ id: `msg_many_${at}` })),
    );

    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 202));
    expect(await rows('inbox', `where event_id like 'msg_many_%'`)).toBe(10);
    expect(await rows('run')).toBe(before + 1);
  });

  test.each([
    ['at once when none was made just now', `status = 'succeeded', finished_at = app.clock() - interval '1 minute'`, false],
    ['a second later when one has just been made', `status = 'succeeded', finished_at = app.clock()`, true],
    ['a second later while one is made', `status = 'running', finished_at = null`, true],
  ])('F-49: is read %s', async (_, state, waits) => {
    await readAll();
    await api.deps.store.withTenant('acme', async (tx) => {
      await tx.run(`update run set status = 'succeeded', finished_at = app.clock() - interval '1 minute'`);
      await tx.run(`update run set ${state} where id = (select max(r.id) from run r)`);
    });

    const { body } = await push();

    const due = `where key = '${body.runId}/employment' and not_before`;
    expect(await rows('outbox', `${due} > app.clock()`)).toBe(waits ? 1 : 0);
    expect(await rows('outbox', `${due} <= app.clock() + interval '1 second'`)).toBe(1);
  }); // prettier-ignore

  test('asks for a new read once the waiting one has begun, because that one may not see the change', async () => {
    await readAll();
    const first = await push();
    await api.deps.store.withTenant('acme', (tx) =>
      tx.run(`update run_stream set status = 'reading', read_window = '{}' where run_id = $1`, [
        first.body.runId,
      ]),
    );

    const second = await push();

    expect(second.body.runId).not.toBeNull();
    expect(second.body.runId).not.toBe(first.body.runId);
  });

  test('about an object that is not read is kept and changes nothing', async () => {
    const answer = await push({ body: JSON.stringify({ data: { object: 'Weather', id: '1' } }) });

    expect([answer.status, answer.body.runId]).toEqual([202, null]);
  });

  test('that names no record is refused as such', async () => {
    for (const body of [
      '',
      '{}',
      'null',
      '[]',
      '{"data":{}}',
      '{"data":{"object":1,"id":2}}',
      '\u0000',
    ]) {
      expect([body, (await push({ body })).status]).toEqual([body, 422]);
    }
  });
});

describe('F-46: a push is refused', () => {
  const now = (): number => Math.floor(Date.now() / 1000);

  test('with an old or future timestamp, a changed body, a strange secret or no signature, always in the same words', async () => {
    const stale = await push({ at: now() - 301 });
    // A slow machine takes a while to look at it.
    const future = await push({ at: now() + 400 });
    const id = 'msg_changed';
    const changed = await push({
      id,
      body: BODY.replace('e-1', 'e-2'),
      signature: sign(SECRET, id, now(), BODY),
    });
    const strange = await push({ secret: NEXT_SECRET });
    const unsigned = await push({ signature: '' });
    const unknown = await push({ connection: 'nobody' });

    const answers = [stale, future, changed, strange, unsigned, unknown];
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 401));
    expect(new Set(answers.map((answer) => answer.body.detail)).size).toBe(1);
    expect(await rows('inbox', `where event_id = 'msg_changed'`)).toBe(0);
    expect(
      await rows('audit_event', `where action = 'hook.refused' and subject_id = 'nobody'`),
    ).toBe(1);
  });

  test('by an unknown company, a connection without a secret, and without an id', async () => {
    await add('silent');

    expect((await push({ tenant: 'nobody' })).status).toBe(401);
    expect((await push({ connection: 'silent' })).status).toBe(401);
    expect((await push({ id: '' })).status).toBe(401);
  });

  test('larger than 256 KB', async () => {
    expect(
      (
        await push({
          body: JSON.stringify({
            data: { object: 'employment', id: 'x' },
            pad: 'x'.repeat(270_000),
          }),
        })
      ).status,
    ).toBe(413);
  });
});

test('F-46: secrets may be changed over: both signatures count while both are kept, then the old one no more', async () => {
  const both = await api.call('POST', '/api/v1/connections/hooked:rotate', {
    key: admin,
    body: { secrets: { webhookSecret: `${SECRET},${NEXT_SECRET}` }, check: false },
  });
  expect(both.status).toBe(200);
  expect((await push()).status).toBe(202);
  expect((await push({ secret: NEXT_SECRET })).status).toBe(202);

  await api.call('POST', '/api/v1/connections/hooked:rotate', {
    key: admin,
    body: { secrets: { webhookSecret: NEXT_SECRET }, check: false },
  });

  expect((await push({ secret: NEXT_SECRET })).status).toBe(202);
  expect((await push({ secret: SECRET })).status).toBe(401);
});

test('a secret of the wrong form is refused and not quoted', async () => {
  const answer = await add('bad-secret', 'canary-short');

  expect([answer.status, answer.text.includes('canary')]).toEqual([422, false]);
});

test('a paused connection keeps a push and does not read', async () => {
  await add('resting', SECRET);
  await api.call('PATCH', '/api/v1/connections/resting', { key: admin, body: { paused: true } });

  const answer = await push({ connection: 'resting' });

  expect([answer.status, answer.body.runId]).toEqual([202, null]);
});

test('rubbish without end is put off, fills no audit, and does not shut out a signed push', async () => {
  const refused = () => push({ connection: 'rubbish', secret: NEXT_SECRET });
  let last = await refused();
  for (let each = 0; each < 15; each += 1) last = await refused();

  expect(last.status).toBe(429);
  expect((await push({ secret: NEXT_SECRET })).status).toBe(202);
  expect(last.headers.get('retry-after')).toBe('60');
  expect(await rows('audit_event', `where action = 'hook.refused'`)).toBeLessThanOrEqual(11);
});
