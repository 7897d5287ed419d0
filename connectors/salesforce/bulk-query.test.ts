import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { control, openSalesforce, startSalesforce } from '../../test/support/salesforce-session.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { loopbackEgress } from '../../test/support/egress.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { hashJson } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { PageToken, SourceRecord } from '../../src/sdk/record.ts';
import { createBulkReader, type BulkPage, type BulkReader } from './bulk-query.ts';
import { createClient, type SalesforceClient } from './client.ts';
import { SalesforceConfig, SalesforceSecrets } from './settings.ts';
import { fieldsOf } from './streams.ts';
import { FIXTURE_IDS, fixtureWorld } from './twin/fixture-world.ts';

const MANY = 12_500;
/** What a table makes hard: quotes, commas, line feeds of both kinds, formulas, a mark that looks like null. */
const AWKWARD = [
  'He said "seats", twice',
  'line one\nline two\r\nline three',
  '=HYPERLINK("http://evil","x")',
  '@SUM(1+1)*cmd|x',
  '#N/A',
  ' spaces ',
  'ÄÖÜ ẞ 漢字 👩‍💻',
  '"',
];

let twin: RunningTwin;
let client: SalesforceClient;
let bulk: BulkReader;

/** Time that passes at once. */
function hurried() {
  let now = 0;
  return {
    monotonic: () => now,
    wait: async (ms: number) => {
      now += ms;
    },
  };
}

function openBulk(): BulkReader {
  return createBulkReader({ client, logger: silentLogger, time: hurried() });
}

const query = (stream: string) => ({ stream, fields: fieldsOf(stream), where: '' });

function rows(page: BulkPage) {
  if ('fallBack' in page) throw new Error('The bulk reader gave up.');
  return page;
}

async function readOn(reader: BulkReader, stream: string, from: PageToken | null = null) {
  const records: SourceRecord[] = [];
  const sizes: number[] = [];
  let token = from;
  do {
    const page = rows(await reader.page(query(stream), token));
    records.push(...page.records);
    sizes.push(page.records.length);
    token = page.next;
  } while (token !== null);
  return { records, sizes };
}

async function readByRest(stream: string): Promise<readonly SourceRecord[]> {
  const session = await openSalesforce(twin);
  const window = { mode: 'full', from: null, to: null } as const;
  const records: SourceRecord[] = [];
  let after: PageToken | null = null;
  do {
    const page = await session.readPage(stream, window, after);
    records.push(...page.records);
    after = page.next;
  } while (after !== null);
  return records;
}

const hashes = (records: readonly SourceRecord[]): readonly string[] =>
  records
    .map(({ id, stamp, deleted, data }) => `${id} ${stamp} ${deleted} ${hashJson(data)}`)
    .toSorted();

const faults = (action: string, object: string, more: object = {}) =>
  control(twin, 'PUT', '/faults', { rules: [{ match: { object }, action, ...more }] });

beforeAll(async () => {
  const world = fixtureWorld();
  const assets = Array.from({ length: MANY }, (_, n) => ({
    Id: `02iMany${String((n * 7919) % MANY).padStart(8, '0')}AAA`,
    Name: AWKWARD[n % AWKWARD.length] ?? '',
    AccountId: FIXTURE_IDS.account,
    Product2Id: n % 3 === 0 ? null : FIXTURE_IDS.product,
    Quantity: n % 2 === 0 ? n : n + 0.25,
    Price: n % 5 === 0 ? null : n / 8,
    SystemModstamp: '2026-02-21T00:00:00.000+0000',
  }));
  const orphan = {
    Id: '802Fx00000000090AA',
    OrderId: FIXTURE_IDS.order,
    Quantity: 1,
    OrderItemNumber: '2',
  };
  const codeless = {
    Id: '01tFx00000000090AA',
    Name: 'No code',
    ProductCode: null,
    IsActive: false,
  };
  const ofCodeless = {
    Id: '802Fx00000000091AA',
    OrderId: FIXTURE_IDS.order,
    Product2Id: codeless.Id,
    Quantity: 2,
    OrderItemNumber: '3',
  };
  twin = await startSalesforce({
    ...world,
    objects: {
      ...world.objects,
      Asset: [...(world.objects['Asset'] ?? []), ...assets],
      Product2: [...(world.objects['Product2'] ?? []), codeless],
      OrderItem: [...(world.objects['OrderItem'] ?? []), orphan, ofCodeless],
    },
  });
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  const { config, secrets } = twin.credentials;
  client = createClient({
    connection: 'crm',
    config: SalesforceConfig.parse(config),
    ...heldSecrets(SalesforceSecrets.parse(secrets)),
    egress: loopbackEgress(),
    clock: systemClock(),
    logger: silentLogger,
  });
  bulk = openBulk();
});

describe('a bulk read', () => {
  test('F-41: gives the records of every stream as REST does, to the byte', async () => {
    await control(twin, 'POST', '/mutate', {
      object: 'Asset',
      operation: 'delete',
      id: FIXTURE_IDS.asset,
    });
    for (const stream of [
      'Account',
      'Product2',
      'OpportunityStage',
      'Opportunity',
      'OpportunityLineItem',
      'OpportunityHistory',
      'Contract',
      'Order',
      'OrderItem',
      'Asset',
    ]) {
      const { records } = await readOn(bulk, stream);

      expect(hashes(records)).toEqual(hashes(await readByRest(stream)));
      expect(records.length).toBeGreaterThan(stream === 'OpportunityHistory' ? -1 : 0);
    }
  });

  test('F-41: keeps line feeds, quotes and formulas as they are', async () => {
    const { records } = await readOn(bulk, 'Asset');

    expect(new Set(records.map(({ data }) => data['Name']))).toEqual(
      new Set(
        [...AWKWARD, 'Asset Suite', 'Atlas Suite (10)'].filter((name) => name !== 'Asset Suite'),
      ),
    );
  });

  test('tells a record without a product from a product without a code', async () => {
    const { records } = await readOn(bulk, 'OrderItem');

    const related = Object.fromEntries(
      records.map(({ data }) => [data['OrderItemNumber'] as string, data['Product2']]),
    );
    expect(related).toEqual({
      '0000000001': { ProductCode: 'ATL-USER' },
      2: null,
      3: { ProductCode: null },
    });
  });

  test('follows the locator to its end and lands pages of 2,000 at most, every row once', async () => {
    const { records, sizes } = await readOn(bulk, 'Asset');

    expect(records).toHaveLength(MANY + 1);
    expect(new Set(records.map(({ id }) => id)).size).toBe(MANY + 1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2000);
  });

  test('is resumed by another session at any page, and goes on exactly there', async () => {
    const seen: string[] = [];
    let token: PageToken | null = null;
    do {
      const page = rows(await openBulk().page(query('Asset'), token));
      seen.push(...page.records.map(({ id }) => id));
      token = page.next === null ? null : (JSON.parse(JSON.stringify(page.next)) as PageToken);
    } while (token !== null);

    expect(seen).toHaveLength(MANY + 1);
    expect(new Set(seen).size).toBe(MANY + 1);
  }, 60_000);

  test('waits for its job page by page, and keeps its place', async () => {
    const impatient = createBulkReader({
      client,
      logger: silentLogger,
      time: { monotonic: performance.now.bind(performance), wait: async () => undefined },
    });
    const slow = createBulkReader({
      client,
      logger: silentLogger,
      time: {
        monotonic: (() => {
          let n = 0;
          return () => (n += 60_000);
        })(),
        wait: async () => undefined,
      },
    });

    const first = rows(await slow.page(query('Account'), null));

    expect(first.records).toEqual([]);
    expect(first.next).toMatchObject({ via: 'bulk', ready: false });
    expect((await readOn(impatient, 'Account', first.next)).records).toHaveLength(2);
  });
});

describe('when the job does not serve the read any more', () => {
  test.each([
    ['it failed', 'overload', {}],
    ['its results were deleted', 'expire_locator', {}],
  ])('because %s, the read by key takes over from the start', async (_, action, more) => {
    await faults(action, 'Asset', more);

    expect(await bulk.page(query('Asset'), null)).toEqual({ fallBack: null });
  });

  test('in the middle (seven days are over), it takes over after the last landed row', async () => {
    const first = rows(await bulk.page(query('Asset'), null));
    await control(twin, 'POST', '/clock', { advanceSeconds: 8 * 86_400 });
    const last = first.records.at(-1);

    const rest = await openBulk().page(query('Asset'), first.next);

    expect(rest).toEqual({ fallBack: { stamp: expect.any(String), id: last?.id } });
  });

  test('a stream with values that no table can carry exactly is never read by Bulk', async () => {
    const described = await client.call((await import('./schema.ts')).DescribedObject, {
      what: 'describing',
      method: 'GET',
      path: '/sobjects/Asset/describe',
    });
    const retyped = {
      ...described,
      fields: described.fields.map((field) =>
        field.name === 'Name' ? { ...field, type: 'anyType' } : field,
      ),
    };
    const odd = createBulkReader({
      client: { ...client, call: async () => retyped as never },
      logger: silentLogger,
      time: hurried(),
    });

    expect(await odd.page(query('Asset'), null)).toEqual({ fallBack: null });
  });
});

describe('an answer that is not whole', () => {
  test.each(['truncate_body', 'html_page'])('(%s) lands nothing', async (action) => {
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { path: '/results' }, action, times: 1 }],
    });

    await expect(bulk.page(query('Asset'), null)).rejects.toMatchObject({
      code: 'remote_unavailable',
    });
  });

  test('a session that ended meanwhile is renewed once', async () => {
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { path: '/results' }, action: 'expire_token', nth: 1 }],
    });

    expect((await readOn(bulk, 'Account')).records).toHaveLength(2);
  });
});

describe('a session', () => {
  async function readAll(): Promise<{
    readonly ids: readonly string[];
    readonly tokens: readonly PageToken[];
  }> {
    const session = await openSalesforce(twin, { config: { bulkFrom: 5_000 } });
    const window = await session.openWindow('Asset', null);
    const ids: string[] = [];
    const tokens: PageToken[] = [];
    for (let after: PageToken | null = null; ;) {
      const page = await session.readPage('Asset', window, after);
      ids.push(...page.records.map((record) => record.id));
      if (page.next === null) return { ids, tokens };
      tokens.push(page.next);
      after = page.next;
    }
  }

  test('reads a large window by Bulk', async () => {
    const { ids, tokens } = await readAll();

    expect(new Set(ids).size).toBe(MANY + 1);
    expect(tokens.every((token) => token['via'] === 'bulk')).toBe(true);
  });

  test('reads on by key where the job went away in the middle, and loses and doubles nothing', async () => {
    await faults('expire_locator', 'Asset', { nth: 4 });

    const { ids, tokens } = await readAll();

    expect(ids).toHaveLength(MANY + 1);
    expect(new Set(ids).size).toBe(MANY + 1);
    expect(new Set(tokens.map((token) => token['via']))).toEqual(new Set(['bulk', undefined]));
  });
});
