import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startNetSuite, type NetSuiteUnderTest } from '../../../test/support/netsuite-session.ts';
import { createLogin } from '../login.ts';
import { Config, Secrets } from '../config.ts';
import axios from 'axios';
import { systemClock } from '../../../src/kernel/clock.ts';

let ns: NetSuiteUnderTest;
let authorization: string;

beforeAll(async () => {
  ns = await startNetSuite();
  const { config, secrets } = ns.twin.credentials;
  const login = createLogin({
    config: Config.parse(config),
    secrets: Secrets.parse(secrets),
    http: axios.create({ transformResponse: (data: unknown) => data }),
    clock: systemClock(),
  });
  authorization = await login.header('POST', ns.twin.url);
});
afterAll(() => ns.stop());

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const reply = await fetch(`${ns.twin.url}/services/rest${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return {
    status: reply.status,
    headers: reply.headers,
    text,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

async function query(q: string, parameters = ''): Promise<Reply> {
  return await call('POST', `/query/v1/suiteql${parameters}`, { q }, { prefer: 'transient' });
}

async function rows(q: string): Promise<readonly Record<string, unknown>[]> {
  const { status, text, body } = await query(q);
  if (status !== 200) throw new Error(text);
  return (body['items'] as readonly Record<string, unknown>[]).map(
    ({ links: _links, ...row }) => row,
  );
}

const problem = ({ status, body }: Reply): unknown => {
  const [first] = (body['o:errorDetails'] ?? []) as readonly Record<string, unknown>[];
  return { status, ...first };
};

describe('the SuiteQL service', () => {
  test('answers in the recorded shape', async () => {
    const reply = await query(
      "SELECT s.id AS internalId, s.name FROM subsidiary s WHERE s.name LIKE '%DE'",
    );

    expect(reply.text.endsWith('\n')).toBe(true);
    expect(reply.headers.get('content-type')).toBe(
      'application/vnd.oracle.resource+json; type=collection; charset=UTF-8',
    );
    expect(reply.headers.get('preference-applied')).toBe('transient');
    expect(reply.body).toEqual({
      links: [{ rel: 'self', href: `${ns.twin.url}/services/rest/query/v1/suiteql` }],
      count: 1, hasMore: false, items: [{ links: [], internalid: '3', name: 'Meridian DE' }], offset: 0, totalResults: 1,
    }); // prettier-ignore
  });

  test('refuses a request without Prefer: transient', async () => {
    const reply = await call('POST', '/query/v1/suiteql', { q: 'SELECT id FROM item' });

    expect(problem(reply)).toMatchObject({ status: 400, 'o:errorHeader': 'Prefer' });
  });

  test.each([
    ['?limit=1001', 'limit'],
    ['?limit=0', 'limit'],
    ['?limit=x', 'limit'],
    ['?limit=10&offset=5', 'offset'],
    ['?limit=1000&offset=100000', 'offset'],
  ])('refuses the paging %s', async (parameters, name) => {
    expect(problem(await query('SELECT id FROM item', parameters))).toMatchObject({
      status: 400,
      'o:errorQueryParam': name,
    });
  });

  test('pages by limit and offset with the links to go on', async () => {
    const { body } = await query('SELECT id FROM item ORDER BY id', '?limit=2&offset=0');

    expect(body).toMatchObject({ count: 2, hasMore: true, offset: 0, totalResults: 3 });
    expect((body['links'] as readonly { rel: string }[]).map(({ rel }) => rel)).toEqual([
      'next',
      'last',
      'self',
    ]);
  });

  test.each([
    [
      'SELECT nonsense FROM customer',
      "Unknown identifier 'nonsense'. Available identifiers are: {",
    ],
    ['SELECT c.nonsense FROM customer c', "Unknown identifier 'c.nonsense'"],
    ['SELECT id FROM payroll', "Record 'payroll' was not found"],
    ['SELECT id FROM customer LIMIT 5', 'Unexpected'],
    ['DELETE FROM customer', 'Expected SELECT'],
    ["SELECT id FROM customer WHERE id = 'x", 'Unexpected character'],
    ['SELECT SLEEP(id) FROM customer', 'Function SLEEP is not supported'],
  ])('%s is refused with the reason', async (q, reason) => {
    const answer = problem(await query(q));

    expect(answer).toMatchObject({
      status: 400,
      'o:errorQueryParam': 'q',
      detail: expect.stringContaining(reason),
    });
  });

  test('every value is text, flags are T and F, dates lose their time, nulls are left out', async () => {
    expect(
      await rows(
        'SELECT id, companyname, isinactive, lastmodifieddate, email FROM customer WHERE id = 12',
      ),
    ).toEqual([
      { id: '12', companyname: 'Nordwind GmbH', isinactive: 'F', lastmodifieddate: '1/6/2026' },
    ]);
  });

  test('sales lines come back negative, the main line does not', async () => {
    expect(
      await rows(
        'SELECT mainline, quantity, rate, foreignamount FROM transactionline WHERE transaction = 102 ORDER BY id',
      ),
    ).toEqual([
      { mainline: 'T', foreignamount: '999.5' },
      { mainline: 'F', quantity: '-10', rate: '99.95', foreignamount: '-999.5' },
    ]);
  });

  test.each([
    [
      'a join with a condition of its own',
      "SELECT t.id, ml.subsidiary AS sub FROM transaction t INNER JOIN transactionline ml ON ml.transaction = t.id AND ml.mainline = 'T' WHERE t.type = 'CustInvc'",
      [{ id: '200', sub: '3' }],
    ],
    [
      'a left join that finds nothing',
      'SELECT c.id, p.companyname AS parent FROM customer c LEFT JOIN customer p ON p.id = c.parent WHERE c.id IN (10, 11) ORDER BY c.id',
      [{ id: '10' }, { id: '11', parent: 'Finbox' }],
    ],
    [
      'a join on an inequality',
      'SELECT a.id FROM currency a INNER JOIN currency b ON a.id < b.id WHERE b.id = 3 ORDER BY a.id DESC',
      [{ id: '2' }, { id: '1' }],
    ],
    [
      'parentheses, AND and OR',
      'SELECT id FROM item WHERE (id = 20 OR id = 21) AND NOT id = 21',
      [{ id: '20' }],
    ],
    [
      'IS NULL and IS NOT NULL',
      'SELECT id FROM customer WHERE externalid IS NOT NULL AND parent IS NULL ORDER BY id',
      [{ id: '10' }, { id: '12' }],
    ],
    [
      'numbers compared by value',
      "SELECT id FROM transaction WHERE id > 99 AND id < '102' ORDER BY id",
      [{ id: '100' }, { id: '101' }],
    ],
    [
      'display text of a choice and of a reference',
      'SELECT BUILTIN.DF(status) AS status, BUILTIN.DF(entity) AS entity FROM transaction WHERE id = 102',
      [{ status: 'Sales Order : Billed', entity: 'C12' }],
    ],
    [
      'a window of stamps',
      "SELECT id FROM transaction WHERE lastmodifieddate >= TO_DATE('2026-02-01 10:11:12', 'YYYY-MM-DD HH24:MI:SS') AND lastmodifieddate < TO_TIMESTAMP('2026-02-01 10:11:13', 'YYYY-MM-DD HH24:MI:SS') ORDER BY id DESC",
      [{ id: '101' }, { id: '100' }],
    ],
    [
      'stamps in the time zone of the account',
      "SELECT TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS stamp FROM customer WHERE id = 12",
      [{ stamp: '2026-01-06 01:30:00' }],
    ],
    [
      'aggregates over nothing',
      'SELECT COUNT(*) AS n, MAX(id) AS top FROM customer WHERE id = 0',
      [{ n: '0' }],
    ],
    [
      'aggregates inside a function',
      "SELECT TO_CHAR(MAX(lastmodifieddate), 'YYYY') AS year, MIN(id) FROM customer",
      [{ year: '2026', expr1: '10' }],
    ],
    [
      'groups',
      "SELECT type, COUNT(*) AS n FROM transaction WHERE type IN ('CustInvc', 'SalesOrd') GROUP BY type ORDER BY type",
      [
        { type: 'CustInvc', n: '1' },
        { type: 'SalesOrd', n: '3' },
      ],
    ],
    [
      'distinct values and first defaults',
      "SELECT DISTINCT NVL(country, '??') AS country FROM entityaddress ORDER BY country",
      [{ country: 'DE' }, { country: 'US' }],
    ],
    ['quotes inside a text', "SELECT id FROM item WHERE itemid = 'O''Hara'", []],
  ])('understands %s', async (_title, q, expected) => {
    expect(await rows(q)).toEqual(expected);
  });
});

describe('the record service', () => {
  const body = {
    entity: { id: '10' },
    subsidiary: { id: '2' },
    currency: { id: '1' },
    item: { items: [{ item: { id: '20' }, quantity: 2, rate: 9.5 }] },
  };

  test('creates with 204 and a Location, and shows figures as numbers', async () => {
    const created = await call('POST', '/record/v1/salesOrder', body);
    const location = created.headers.get('location') ?? '';
    const shown = await call(
      'GET',
      `${location.slice(location.indexOf('/record/'))}?expandSubResources=true`,
    );

    expect([created.status, created.text]).toEqual([204, '']);
    expect(location).toMatch(/\/services\/rest\/record\/v1\/salesOrder\/\d+$/);
    expect(shown.text).toContain('"quantity":2.0,"rate":9.5,"amount":19.0');
    expect(shown.body).toMatchObject({
      status: { id: 'A', refName: 'Pending Approval' },
      tranId: expect.stringMatching(/^SO\d+$/),
      entity: { id: '10', refName: 'Finbox' },
    });
  });

  test('without expandSubResources the lines are a link', async () => {
    const { body: shown } = await call('GET', '/record/v1/salesOrder/100');

    expect(shown['item']).toEqual({
      links: [{ rel: 'self', href: `${ns.twin.url}/services/rest/record/v1/salesOrder/100/item` }],
    });
  });

  test('a list holds ids and links, never fields', async () => {
    const { body: list } = await call('GET', '/record/v1/customer?limit=2');

    expect(list).toMatchObject({ count: 2, hasMore: true, totalResults: 3 });
    expect((list['items'] as readonly object[]).map((one) => Object.keys(one))).toEqual([
      ['links', 'id'],
      ['links', 'id'],
    ]);
  });

  test('an item is found under the record name of its type', async () => {
    expect((await call('GET', '/record/v1/serviceSaleItem/22')).status).toBe(200);
    expect((await call('GET', '/record/v1/nonInventorySaleItem/22')).status).toBe(404);
  });

  test('an unknown property is refused, warned of, or ignored, as the caller asks', async () => {
    const strange = { ...body, custbody_unknown: 'x' };
    const path = '/record/v1/salesOrder';

    const refused = await call('POST', path, strange);
    const warned = await call('POST', path, strange, {
      'x-netsuite-propertynamevalidation': 'Warning',
    });
    const ignored = await call('POST', path, strange, {
      'x-netsuite-propertynamevalidation': 'Ignore',
    });

    expect(problem(refused)).toMatchObject({
      status: 400,
      'o:errorCode': 'INVALID_CONTENT',
      'o:errorPath': 'custbody_unknown',
    });
    expect([warned.status, warned.headers.get('x-netsuite-warning')]).toEqual([
      204,
      'Property custbody_unknown is not defined on this record type.',
    ]);
    expect([ignored.status, ignored.headers.get('x-netsuite-warning')]).toEqual([204, null]);
  });

  test('without replace=item, lines merge by their number and new ones are appended', async () => {
    await call('PUT', '/record/v1/salesOrder/eid:MERGE', body);
    await call('PATCH', '/record/v1/salesOrder/eid:MERGE', {
      item: {
        items: [
          { line: 1, quantity: 5 },
          { item: { id: '22' }, quantity: 1, rate: 7 },
        ],
      },
    });

    const { body: shown } = await call(
      'GET',
      '/record/v1/salesOrder/eid:MERGE?expandSubResources=true',
    );

    expect(shown).toMatchObject({
      total: 54.5,
      item: {
        items: [
          { line: 1, quantity: 5, amount: 47.5 },
          { line: 2, quantity: 1, amount: 7 },
        ],
      },
    });
  });

  test('the same external id cannot be created twice, and approval moves the status', async () => {
    await call('PUT', '/record/v1/salesOrder/eid:ONCE', body);

    const again = await call('POST', '/record/v1/salesOrder', { ...body, externalId: 'ONCE' });
    await call('PATCH', '/record/v1/salesOrder/eid:ONCE', { orderStatus: { id: 'B' } });
    const { body: shown } = await call('GET', '/record/v1/salesOrder/eid:ONCE');

    expect(problem(again)).toMatchObject({ status: 400, 'o:errorCode': 'DUP_RCRD' });
    expect(shown).toMatchObject({
      status: { id: 'B' },
      orderStatus: { id: 'B', refName: 'Pending Fulfillment' },
    });
  });

  test.each([
    ['GET', '/record/v1/payroll/1', 404],
    ['GET', '/record/v1/salesOrder/999999', 404],
    ['GET', '/record/v1/salesOrder/eid:NOBODY', 404],
    ['DELETE', '/record/v1/salesOrder', 405],
    ['GET', '/record/v1/metadata-catalog/payroll', 404],
    ['GET', '/something', 404],
  ])('%s %s answers %i', async (method, path, status) => {
    expect((await call(method, path)).status).toBe(status);
  });
});

describe('the control endpoint', () => {
  test('a person approves an order: the status moves and the stamp is the twin clock', async () => {
    await ns.setClock('2026-03-03T20:00:00Z');

    await ns.mutate({
      object: 'salesOrder',
      operation: 'update',
      id: '101',
      fields: { status: { id: 'A' } },
    });
    await ns.mutate({
      object: 'salesOrder',
      operation: 'update',
      id: '101',
      fields: { status: { id: 'B' } },
    });

    const order = (await ns.records('salesOrder')).find(({ id }) => id === '101');
    expect(order).toMatchObject({
      status: { id: 'B' },
      lastModifiedDate: expect.stringMatching(/^2026-03-03T20:00:0\dZ$/),
    });
  });

  test('a field that the vendor does not have is refused', async () => {
    await expect(
      ns.mutate({ object: 'salesOrder', operation: 'update', id: '101', fields: { nonsense: 1 } }),
    ).rejects.toThrow('no field nonsense');
  });

  test('reset brings the world back', async () => {
    await ns.mutate({
      object: 'customer',
      operation: 'create',
      fields: { companyName: 'New', subsidiary: { id: '2' } },
    });
    await fetch(`${ns.twin.control}/reset`, { method: 'POST' });

    expect((await ns.records('customer')).length).toBe(3);
  });
});
