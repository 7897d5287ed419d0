import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deriveUsage } from '../app/flows/derive-usage.ts';
import type { JobContext } from '../sdk/flows.ts';
import { testApi, type TestApi } from '../../test/support/api.ts';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await testApi();
  key = (await api.person('acme', ['licence-manager'])).key;
});
afterAll(() => api.close());

const BATCH = 'application/cloudevents-batch+json';
const ONE = 'application/cloudevents+json';

let next = 0;
const event = (change: Readonly<Record<string, unknown>> = {}) => ({
  specversion: '1.0',
  id: `evt-${(next += 1)}`,
  source: '/instances/prod-7',
  type: 'com.acme.api.called',
  time: new Date(Date.now() - 60_000).toISOString(),
  data: { calls: 3 },
  ...change,
});

const send = (body: unknown, type: string = BATCH, headers: Record<string, string> = {}) =>
  api.call('POST', '/api/v1/events', {
    key,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    headers: { 'content-type': type, ...headers },
  });

interface Row {
  readonly event_id: string;
  readonly subject: string | null;
  readonly data: unknown;
  readonly text: string;
  readonly late: boolean;
  readonly skewed: boolean;
  readonly day: string;
  readonly attributes: unknown;
}

const context = (tenantId: string): JobContext => ({
  tenantId,
  signal: new AbortController().signal,
  hold: () => Promise.resolve(),
});

/** The event as it is kept once its batch is taken apart. */
const kept = async (id: string, tenant = 'acme') => {
  await deriveUsage(api.deps, context(tenant));
  return api.deps.store.readTenant(tenant, async (tx) => {
    const [row] = await tx.sql<Row>(
      `select e.*, e::text as text from usage_event e where e.event_id = $1`,
      [id],
    );
    return row;
  });
};

describe('each mode of CloudEvents', () => {
  test('batched: each event is accepted by itself, and 202 tells how many', async () => {
    const batch = [event(), event(), event()];

    const answer = await send(batch);

    expect([answer.status, answer.body]).toEqual([
      202,
      { accepted: 3, duplicates: 0, rejected: [] },
    ]);
    expect((await kept(batch[1]?.id ?? ''))?.data).toEqual({ calls: 3 });
  });

  test('structured: one event is the whole body', async () => {
    const one = event({ region: 'eu1' });

    const answer = await send(one, `${ONE}; charset=utf-8`);

    expect([answer.status, answer.body.accepted]).toEqual([202, 1]);
    expect((await kept(one.id))?.attributes).toEqual({ region: 'eu1' });
  });

  test('binary: attributes in headers, percent-encoded, and the data as the body', async () => {
    const answer = await send({ calls: 9 }, 'application/json', {
      'ce-specversion': '1.0',
      'ce-id': 'binary%201',
      'ce-source': '/instances/prod-7',
      'ce-type': 'com.acme.api.called',
      'ce-region': 'eu1',
    });

    expect([answer.status, answer.body]).toEqual([
      202,
      { accepted: 1, duplicates: 0, rejected: [] },
    ]);
    expect(await kept('binary 1')).toMatchObject({
      data: { calls: 9 },
      attributes: { region: 'eu1' },
    });
  });

  test.each([
    ['application/json', '[]'],
    ['application/cloudevents-batch', '[]'],
    ['application/cloudevents+xml', '<a/>'],
    ['text/plain; x=application/cloudevents-batch+json', '[]'],
    [`${BATCH}; charset=latin1`, '[]'],
    [`text/html, ${BATCH}`, '[]'],
    ['multipart/form-data; boundary=x', '[]'],
  ])('and no other: %s is 415', async (type, body) => {
    expect((await send(body, type)).status).toBe(415);
  });

  test('the data of a binary event is JSON, whatever its headers say', async () => {
    const answer = await send('<a/>', 'text/xml', { 'ce-specversion': '1.0', 'ce-id': 'x' });

    expect(answer.status).toBe(415);
  });
});

describe('an event', () => {
  test('counts once for its source and id: in a batch, in the next, and from another source again', async () => {
    const one = event();

    const first = await send([one, one]);
    await send([{ ...one, data: { calls: 99 } }]);
    await kept(one.id);
    await send([
      { ...one, data: { calls: 99 } },
      { ...one, source: '/instances/prod-8' },
    ]);

    expect(first.body).toEqual({ accepted: 1, duplicates: 1, rejected: [] });
    await kept(one.id);
    const rows = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql(`select e.source, e.data from usage_event e where e.event_id = $1 order by e.source`, [
        one.id,
      ]),
    );
    expect(rows).toEqual([
      { source: '/instances/prod-7', data: { calls: 3 } },
      { source: '/instances/prod-8', data: { calls: 3 } },
    ]);
  });

  test('of one company is not a duplicate of another’s', async () => {
    const one = event();
    const outsider = (await api.person('globex', ['licence-manager'])).key;

    await send([one]);
    const answer = await api.call('POST', '/api/v1/events', {
      key: outsider,
      body: JSON.stringify([one]),
      headers: { 'content-type': BATCH },
    });

    expect(answer.body.accepted).toBe(1);
  });

  const deep = (levels: number): unknown => (levels === 0 ? 1 : { in: deep(levels - 1) });

  test.each<[string, unknown, string]>([
    ['no object', 7, 'not_an_event'],
    ['another version', event({ specversion: '0.3' }), 'bad_attribute'],
    ['no id', event({ id: undefined }), 'bad_attribute'],
    ['an empty id', event({ id: '' }), 'bad_attribute'],
    ['an id of 300 characters', event({ id: 'x'.repeat(300) }), 'bad_attribute'],
    ['a NUL in its id', event({ id: 'a\0b' }), 'bad_attribute'],
    ['the separator of our store in its id', event({ id: 'a\u001fb' }), 'bad_attribute'],
    ['a source that is no URI', event({ source: 'my laptop' }), 'bad_attribute'],
    ['a day that does not exist', event({ time: '2026-02-30T00:00:00Z' }), 'bad_attribute'],
    ['a time without a zone', event({ time: '2026-03-01T00:00:00' }), 'bad_attribute'],
    ['a time that is a number', event({ time: 1_772_000_000 }), 'bad_attribute'],
    ['a time before anything is kept', event({ time: '2001-01-01T00:00:00Z' }), 'too_old'],
    ['data that is no JSON', event({ datacontenttype: 'text/csv' }), 'bad_attribute'],
    ['data in base64', event({ data_base64: 'aGk=' }), 'bad_attribute'],
    ['an attribute in capitals', event({ Region: 'eu' }), 'bad_attribute'],
    ['an object as an attribute', event({ region: { a: 1 } }), 'bad_attribute'],
    ['F-63: data nested 21 deep', event({ data: deep(21) }), 'too_deep'],
    ['F-63: a NUL in its data', event({ data: { note: 'a\0b' } }), 'bad_text'],
    ['F-63: half of a surrogate pair', event({ data: { note: '\ud800' } }), 'bad_text'],
    ['data of 70,000 characters', event({ data: { note: 'x'.repeat(70_000) } }), 'too_large'],
    [
      'data of 2,000 members',
      event({ data: { all: Array.from({ length: 2_000 }, () => 1) } }),
      'too_large',
    ],
  ])(
    'with %s is rejected with its place and a reason, and the rest is taken',
    async (_case, bad, code) => {
      const answer = await send([event(), bad, event()]);

      expect([answer.status, answer.body.accepted]).toEqual([202, 2]);
      expect(answer.body.rejected).toEqual([
        expect.objectContaining({ index: 1, code, reason: expect.stringMatching(/.{8}/) }),
      ]);
    },
  );

  test('F-63: with data nested 10,000 deep is rejected and ends nothing', async () => {
    const text = JSON.stringify(event()).replace(
      '"calls":3',
      `"calls":${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    );

    const answer = await send(`[${text}]`);

    expect(answer.body.rejected).toEqual([expect.objectContaining({ code: 'too_deep' })]);
  });

  test('F-63: a member named __proto__ is refused and pollutes nothing', async () => {
    const text = JSON.stringify(event()).replace(
      '"calls":3',
      '"\\u005f_proto__":{"polluted":true}',
    );

    const answer = await send(`[${text}]`);

    expect(answer.body.rejected).toEqual([expect.objectContaining({ code: 'unsafe_member' })]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('F-64: keeps every digit of a number that a double cannot hold', async () => {
    const one = event();
    const text = JSON.stringify(one).replace('"calls":3', '"calls":12345678901234567890');

    await send(`[${text}]`);

    expect((await kept(one.id))?.text).toContain('12345678901234567890');
  });

  test('of a clock that runs ahead is kept, marked, and counts on the day of its arrival', async () => {
    const ahead = event({ time: new Date(Date.now() + 3 * 86_400_000).toISOString() });
    const alright = event({ time: new Date(Date.now() + 60_000).toISOString() });

    const answer = await send([ahead, alright]);

    expect(answer.body.accepted).toBe(2);
    const today = new Date().toISOString().slice(0, 10);
    expect(await kept(ahead.id)).toMatchObject({ skewed: true, late: false, day: today });
    expect(await kept(alright.id)).toMatchObject({ skewed: false });
  });

  test('is sealed until its batch is taken apart: no row holds a word of it', async () => {
    await send([event({ subject: 'ann@acme.test', data: { note: 'canary-7f' } })]);

    const rows = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql<{ text: string }>(`select encode(b.sealed, 'escape') as text from usage_batch b`),
    );

    expect(rows).toHaveLength(1);
    expect(rows[0]?.text).not.toMatch(/ann@acme|canary/);
  });

  test('keeps no name of a person: neither its subject nor the personal members of its data', async () => {
    const one = event({
      subject: 'ann@acme.test',
      data: {
        calls: 1,
        user: { userId: 4711, team: 'core' },
        users: ['x'],
        email: ['ann@acme.test'],
      },
    });
    const other = event({ subject: 'ann@acme.test' });

    await send([one, other]);

    const row = await kept(one.id);
    expect(row?.text).not.toMatch(/ann@acme|4711/);
    expect(row?.text).toContain('core');
    expect(row?.subject).toMatch(/^sub_[a-z2-7]{26}$/);
    expect((await kept(other.id))?.subject).toBe(row?.subject);
  });

  test('of one person has another pseudonym in another company', async () => {
    const outsider = (await api.person('globex', ['licence-manager'])).key;
    const one = event({ subject: 'bob' });
    await send([one]);
    await api.call('POST', '/api/v1/events', {
      key: outsider,
      body: JSON.stringify([one]),
      headers: { 'content-type': BATCH },
    });

    expect((await kept(one.id, 'globex'))?.subject).not.toBe((await kept(one.id))?.subject);
  });
});

describe('a body', () => {
  test.each([
    ['is cut short', '[{"specversion":"1.0"'],
    ['is a login page', '<html><body>Sign in</body></html>'],
    ['is no array', '{}'],
    ['begins with a byte order mark', '\ufeff[]'],
    ['is empty', ''],
  ])('that %s is refused whole', async (_case, text) => {
    const answer = await send(text);

    expect([answer.status, answer.body.code]).toEqual([400, 'bad_request']);
  });

  test('that is not UTF-8 is refused whole', async () => {
    expect((await send(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).status).toBe(400);
  });

  test('F-63: that names a member twice is refused whole', async () => {
    const text = JSON.stringify(event()).replace('"calls":3', '"calls":3,"calls":4');

    expect((await send(`[${text}]`)).status).toBe(400);
  });

  test('F-63: of more than 4 MB, or of more than 5,000 events, is 413 at once', async () => {
    const large = await send(`[${' '.repeat(5 * 1024 * 1024)}]`);
    const many = await send(`[${'1,'.repeat(100_000)}1]`);

    expect([large.status, many.status]).toEqual([413, 413]);
  });

  test('F-63: of 100,000 open brackets is refused and ends nothing', async () => {
    expect((await send('['.repeat(100_000))).status).toBe(400);
    expect((await send([event()])).status).toBe(202);
  });

  test('is not even read from a key that may not send', async () => {
    const viewer = (await api.person('acme', ['viewer'])).key;

    const answer = await api.call('POST', '/api/v1/events', {
      key: viewer,
      body: '[]',
      headers: { 'content-type': BATCH },
    });

    expect(answer.status).toBe(403);
  });
});

test('a batch is told to come again while too many events wait, and nothing of it is taken', async () => {
  const other = await testApi();
  const sender = (await other.person('acme', ['editor'])).key;
  await other.deps.store.withTenant('acme', (tx) =>
    tx.run(
      `insert into usage_batch (tenant_id, id, actor, events, sealed) values ($1, 'usb_x', 'x', 1000001, '')`,
      [tx.tenantId],
    ),
  );

  const answer = await other.call('POST', '/api/v1/events', {
    key: sender,
    body: JSON.stringify([event()]),
    headers: { 'content-type': BATCH },
  });

  const rows = await other.deps.store.readTenant('acme', (tx) =>
    tx.sql(`select b.id from usage_batch b`),
  );
  await other.close();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(rows).toEqual([{ id: 'usb_x' }]);
});

test('F-49: of 10,000 events in 1,000 requests none is lost or counted twice, whatever is told to come again', async () => {
  const events = Array.from({ length: 10_000 }, () => event({ type: 'com.acme.flood' }));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const statuses = new Map<number, number>();
  const sendUntilTaken = async (batch: readonly object[]): Promise<void> => {
    for (;;) {
      const { status, headers } = await send(batch);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 202) return;
      expect([status, headers.get('retry-after')]).toEqual([429, '1']);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const waiting = Array.from({ length: 1_000 }, (_, at) =>
    events.slice(at * 10, at * 10 + 10),
  ).values();
  const line = async (): Promise<void> => {
    for (const batch of waiting) await sendUntilTaken(batch);
  };

  await Promise.all(Array.from({ length: 24 }, line));
  await deriveUsage(api.deps, context('acme'));

  const [row] = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql<{ count: number }>(
      `select count(*)::int as count from usage_event e where e.type = 'com.acme.flood'`,
    ),
  );
  expect(row?.count).toBe(10_000);
  expect(statuses.get(202)).toBe(1_000);
  expect(statuses.get(429)).toBeGreaterThan(0);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
}, 120_000);
