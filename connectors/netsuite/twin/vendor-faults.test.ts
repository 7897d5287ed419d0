import { afterEach, describe, expect, test } from '@jest/globals';
import axios from 'axios';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { JsonObject } from '../../../src/kernel/hash.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../../test/support/netsuite-session.ts';
import { Config, Secrets } from '../config.ts';
import { createLogin } from '../login.ts';
import { FIXTURE_WORLD } from './fixture-world.ts';

interface Account extends NetSuiteUnderTest {
  call(
    method: string,
    path: string,
    body?: JsonObject,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  query(q: string, page?: string): Promise<Response>;
}

let running: NetSuiteUnderTest | null = null;

async function start(settings: JsonObject = {}, objects: JsonObject = {}): Promise<Account> {
  const ns = await startNetSuite({
    settings: { ...FIXTURE_WORLD.settings, ...settings },
    objects: { ...FIXTURE_WORLD.objects, ...(objects as typeof FIXTURE_WORLD.objects) },
  });
  running = ns;
  const { config, secrets } = ns.twin.credentials;
  const login = createLogin({
    config: Config.parse(config),
    secrets: Secrets.parse(secrets),
    http: axios.create({ transformResponse: (data: unknown) => data }),
    clock: systemClock(),
  });
  const authorization = await login.header('POST', ns.twin.url);
  const call: Account['call'] = (method, path, body, headers = {}) =>
    fetch(`${ns.twin.url}/services/rest${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    ...ns,
    call,
    query: (q, page = '') =>
      call('POST', `/query/v1/suiteql${page}`, { q }, { prefer: 'transient' }),
  };
}

afterEach(async () => {
  await running?.stop();
  running = null;
});

const codeOf = async (reply: Response): Promise<unknown> => {
  const body = (await reply.json()) as { 'o:errorDetails': readonly JsonObject[] };
  return [reply.status, body['o:errorDetails'][0]?.['o:errorCode']];
};
const idsOf = async (reply: Response): Promise<readonly string[]> =>
  ((await reply.json()) as { items: readonly { id: string }[] }).items.map(({ id }) => id);

const orders = (count: number): JsonObject => ({
  salesOrder: Array.from({ length: count }, (_, at) => ({
    id: String(500 + at),
    entity: { id: '10' },
    status: { id: 'B' },
    lastModifiedDate: '2026-02-01T18:11:12Z',
    item: { items: [{ line: 1, item: { id: '20' }, quantity: '1', rate: '10', amount: '10' }] },
  })),
});

describe('paging by offset', () => {
  const pages = async (ns: Account, order: string): Promise<readonly string[]> => {
    const q = `SELECT t.id, t.tranid FROM transaction t WHERE t.type = 'SalesOrd' ORDER BY ${order}`;
    const found = [];
    for (const offset of [0, 4, 8])
      found.push(...(await idsOf(await ns.query(q, `?limit=4&offset=${offset}`))));
    return found;
  };

  test('F-38: loses and doubles rows where the order is not unique', async () => {
    const ns = await start({}, orders(10));

    const ids = await pages(ns, 't.lastmodifieddate');

    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBeLessThan(10);
  });

  test('is whole where the order is unique and nothing moves', async () => {
    const ns = await start({}, orders(10));

    expect(new Set(await pages(ns, 't.lastmodifieddate, t.id')).size).toBe(10);
  });

  test('F-31: loses rows that move up when a row before them is changed between two pages', async () => {
    const ns = await start({}, orders(10));
    await ns.faults({ match: { object: 'salesOrder' }, action: 'page_shift', nth: 1 });

    const ids = await pages(ns, 't.lastmodifieddate, t.id');

    expect(ids).not.toContain('504');
    expect(ids.filter((id) => id === '500')).toHaveLength(2);
  });

  test('F-31: a record deleted between two pages is remembered as deleted', async () => {
    const ns = await start({}, orders(10));
    await ns.faults({ match: { object: 'salesOrder' }, action: 'page_shift', nth: 1, with: { operation: 'delete' } }); // prettier-ignore

    const ids = await pages(ns, 't.lastmodifieddate, t.id');

    expect(ids).toHaveLength(9);
    expect(await idsOf(await ns.query('SELECT d.recordid AS id FROM deletedrecord d'))).toEqual(['500']); // prettier-ignore
  });

  test('ends at the cap of the account', async () => {
    const ns = await start({ maxRows: 8 }, orders(10));

    expect(await codeOf(await ns.query('SELECT t.id FROM transaction t', '?limit=4&offset=8'))).toEqual([400, 'INVALID_PARAMETER']); // prettier-ignore
  });
});

describe('a busy account', () => {
  test('F-25: refuses calls beyond its pool with 429, and takes the rest', async () => {
    const ns = await start({ concurrency: 2, latencyMs: 50 });

    const replies = await Promise.all(
      Array.from({ length: 5 }, () => ns.query('SELECT c.id FROM customer c')),
    );

    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 200, 429, 429, 429,
    ]);
    const refused = replies.find(({ status }) => status === 429);
    expect(refused === undefined ? null : await codeOf(refused)).toEqual([429, 'CONCURRENCY_LIMIT_EXCEEDED']); // prettier-ignore
  });

  test('refuses the calls that the fault plan names', async () => {
    const ns = await start();
    await ns.faults({ match: { object: 'customer' }, action: 'limit', times: 1, headers: { 'retry-after': '1' } }); // prettier-ignore

    expect((await ns.query('SELECT i.id FROM item i')).status).toBe(200);
    const refused = await ns.query('SELECT c.id FROM customer c');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await ns.query('SELECT c.id FROM customer c')).status).toBe(200);
  });

  test('answers good credentials with a login refusal, late', async () => {
    const ns = await start();
    await ns.faults({ action: 'overload', nth: 1, delayMs: 60 });
    const startedAt = performance.now();

    expect(await codeOf(await ns.query('SELECT i.id FROM item i'))).toEqual([401, 'INVALID_LOGIN']);
    expect(performance.now() - startedAt).toBeGreaterThan(50);
    expect((await ns.query('SELECT i.id FROM item i')).status).toBe(200);
  });
});

describe('credentials that were revoked', () => {
  test('F-20: no token is good and none is given; old ones stay dead afterwards', async () => {
    const ns = await start();
    const session = await ns.open();
    await ns.faults({ action: 'revoke' });

    await expect(session.openWindow('item', null)).rejects.toMatchObject({ code: 'auth_expired' });
    await ns.faults();
    expect((await ns.query('SELECT i.id FROM item i')).status).toBe(401);
    expect((await session.openWindow('item', null)).mode).toBe('full');
  });
});

const ORDER = {
  entity: { id: '10' },
  item: { items: [{ item: { id: '20' }, quantity: 1, rate: 10 }] },
};

describe('slow creates', () => {
  test.each([
    ['first', 1],
    ['late', 0],
  ])('applied %s: after the caller has given up there are %i', async (apply, count) => {
    const ns = await start();
    await ns.faults({ match: { object: 'salesOrder' }, action: 'slow_create', nth: 1, delayMs: 150, with: { apply } }); // prettier-ignore

    const answer = ns.call('PUT', '/record/v1/salesOrder/eid:E1', ORDER);
    await new Promise((resolve) => setTimeout(resolve, 70));
    const [early] = [await ns.oracle()];

    expect(early).toHaveLength(count);
    expect((await answer).status).toBe(204);
    expect(await ns.oracle()).toHaveLength(1);
  });
});

describe('late commits', () => {
  test('F-33: a save that shows up now carries an older stamp', async () => {
    const ns = await start();
    await ns.faults({ match: { object: 'salesOrder' }, action: 'late', with: { seconds: 30 } });

    await ns.mutate({
      object: 'salesOrder',
      operation: 'update',
      id: '100',
      fields: { memo: 'x' },
    });

    const q =
      "SELECT TO_CHAR(t.lastmodifieddate, 'HH24:MI:SS') AS at FROM transaction t WHERE t.id = 100";
    const [row] = ((await (await ns.query(q)).json()) as { items: readonly { at: string }[] })
      .items;
    expect(row?.at).toMatch(/^08:59:3\d$/);
  });
});

describe('a field that is hidden', () => {
  test('F-36: is unknown to SuiteQL and to the metadata catalogue', async () => {
    const ns = await start();
    await ns.faults({ action: 'hide_field', with: { field: 'custbody_trueup_opportunity' } });

    const reply = await ns.query('SELECT t.custbody_trueup_opportunity FROM transaction t');
    const catalogue = await ns.call('GET', '/record/v1/metadata-catalog/salesOrder');

    expect(await reply.text()).toContain("Unknown identifier 't.custbody_trueup_opportunity'");
    expect(await catalogue.text()).not.toContain('custbody_trueup_opportunity');
  });
});

describe('asynchronous requests', () => {
  const headers = { prefer: 'respond-async', 'x-netsuite-idempotency-key': 'key-1' };

  test('answer 202 with the place of a job, whose result is the answer', async () => {
    const ns = await start();

    const accepted = await ns.call('PUT', '/record/v1/salesOrder/eid:E1', ORDER, headers);
    const place = (accepted.headers.get('location') ?? '').split('/services/rest')[1] ?? '';
    const job = (await (await ns.call('GET', place)).json()) as {
      completed: boolean;
      task: { links: readonly { href: string }[] };
    };
    const task = (job.task.links[0]?.href ?? '').split('/services/rest')[1] ?? '';
    const result = await ns.call('GET', `${task}/result`);

    expect([accepted.status, place]).toEqual([202, '/async/v1/job/1']);
    expect(job.completed).toBe(true);
    expect([result.status, result.headers.get('location')]).toEqual([204, expect.stringContaining('/salesOrder/')]); // prettier-ignore
  });

  test('a key that was used before is refused with the place of its job, and nothing is done twice', async () => {
    const ns = await start();
    const first = await ns.call('PUT', '/record/v1/salesOrder/eid:E1', ORDER, headers);

    const second = await ns.call('PUT', '/record/v1/salesOrder/eid:E1', ORDER, headers);

    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    const body = (await second.clone().json()) as JsonObject;
    expect(body['title']).toBe('Conflict');
    expect(await codeOf(second)).toEqual([400, 'IDEMPOTENCY_ERROR']);
    expect(await ns.oracle()).toHaveLength(1);
  });
});

describe('the trail of a change', () => {
  test('system notes tell who changed what, from what to what', async () => {
    const ns = await start();
    await ns.mutate({ object: 'salesOrder', operation: 'update', id: '100', fields: { memo: 'now' } }); // prettier-ignore
    await ns.call('PATCH', '/record/v1/salesOrder/100', { memo: 'later' });

    const q = "SELECT BUILTIN.DF(n.name) AS author, n.field, n.oldvalue, n.newvalue, n.context FROM systemnote n WHERE n.recordtypeid = -30 AND n.recordid = 100 ORDER BY n.id"; // prettier-ignore
    const { items } = (await (await ns.query(q)).json()) as { items: readonly JsonObject[] };

    expect(items.map(({ links: _links, ...rest }) => rest)).toEqual([
      { author: 'Dana Controller', field: 'MEMO', newvalue: 'now', context: 'UI' },
      { author: 'Trueup Integration', field: 'MEMO', oldvalue: 'now', newvalue: 'later', context: 'REST Web Services' },
    ]); // prettier-ignore
  });

  test('a deleted record answers 404 and is listed as deleted', async () => {
    const ns = await start();

    expect((await ns.call('DELETE', '/record/v1/salesOrder/100')).status).toBe(204);

    expect((await ns.call('GET', '/record/v1/salesOrder/100')).status).toBe(404);
    const q = "SELECT d.recordid AS id FROM deletedrecord d WHERE d.type = 'salesorder'";
    expect(await idsOf(await ns.query(q))).toEqual(['100']);
  });
});
