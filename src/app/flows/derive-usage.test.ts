import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { enforceRetention } from './enforce-retention.ts';
import { systemCaller } from '../../security/caller.ts';
import { saveSetting } from '../company-settings.ts';
import { deriveUsage } from './derive-usage.ts';

let api: TestApi;
let person: { readonly id: string; readonly key: string };
beforeEach(async () => {
  api = await testApi();
  person = await api.person('acme', ['licence-manager']);
});
afterEach(() => api.close());

const context: JobContext = {
  tenantId: 'acme',
  signal: new AbortController().signal,
  hold: () => Promise.resolve(),
};
const derive = () => deriveUsage(api.deps, context);
const post = async (path: string, body: unknown, type = 'application/json') => {
  const answer = await api.call('POST', `/api/v1${path}`, {
    key: person.key,
    body: JSON.stringify(body),
    headers: { 'content-type': type },
  });
  if (answer.status > 299) throw new Error(answer.text);
  return answer.body;
};
const get = async (path: string) =>
  (await api.call('GET', `/api/v1${path}`, { key: person.key })).body;

/** A day that lies so far back. */
const day = (back: number): string =>
  new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
const at = (back: number, time = '12:00:00'): string => `${day(back)}T${time}Z`;

let next = 0;
const event = (time: string, data: object = {}, change: object = {}) => ({
  specversion: '1.0',
  id: `evt-${(next += 1)}`,
  source: '/instances/prod-7',
  type: 'api.called',
  time,
  data,
  ...change,
});
const send = (...events: readonly object[]) =>
  post('/events', events, 'application/cloudevents-batch+json');

const CALLS = {
  name: 'api-calls',
  eventType: 'api.called',
  filter: [{ path: 'data.region', is: 'equal', value: 'eu1' }],
  aggregate: { of: 'sum', path: 'data.calls' },
  metric: 'api_calls',
  unit: 'call',
};
const INSTANCE = { id: '/instances/prod-7', skuCode: 'API-PRO', customerRef: 'acc-7' };
const define = (change: object = {}) => post('/usage-definitions', { ...CALLS, ...change });
const register = (change: object = {}) => post('/product-instances', { ...INSTANCE, ...change });

const observed = () =>
  api.deps.store.readTenant('acme', async (tx) =>
    (await factsOf(tx, 'usageObservation')).map(({ factId, body, lineage }) => ({
      factId,
      day: body.from?.slice(0, 10),
      quantity: body.quantity,
      sku: body.skuCode,
      customer: body.customerRef,
      subject: body.subjectRef,
      version: lineage?.mappingVersion,
      by: body.schemaVersion,
    })),
  );
const quantities = async () =>
  Object.fromEntries((await observed()).map((each) => [each.day, each.quantity]));
const unattributed = async () => (await get('/usage/unattributed')).data;

describe('use that a definition counts', () => {
  test('becomes one observation a day and instance, exactly summed, with the version that counted it', async () => {
    await define();
    await register();
    await send(
      event(at(2), { calls: 0.1, region: 'eu1' }),
      event(at(2), { calls: '0.2', region: 'eu1' }),
      event(at(2), { calls: 50, region: 'us1' }),
      event(at(1), { calls: 7, region: 'eu1' }),
    );

    await derive();

    expect(await observed()).toEqual([
      expect.objectContaining({ day: day(2), quantity: '0.3', sku: 'API-PRO', customer: 'acc-7', version: 1, by: 'api-calls@1' }), // prettier-ignore
      expect.objectContaining({ day: day(1), quantity: '7' }),
    ]);
  });

  test.each<[object, string | undefined]>([
    [{ of: 'count' }, '4'],
    [{ of: 'unique', path: 'data.region' }, '2'],
    [{ of: 'sum', path: 'data.calls' }, '6.5'],
    [{ of: 'max', path: 'data.calls' }, '5'],
    [{ of: 'latest', path: 'data.calls' }, '-0.5'],
    [{ of: 'sum', path: 'data.region' }, undefined],
  ])('is counted as %j says', async (aggregate, quantity) => {
    await define({ filter: [], aggregate });
    await register();
    await send(
      event(at(1, '10:00:00'), { calls: 2, region: 'eu1' }),
      event(at(1, '23:00:00'), { calls: -0.5, region: 'us1' }),
      event(at(1, '11:00:00'), { calls: 5, region: 'eu1' }),
      event(at(1, '23:30:00'), { calls: 'many', region: 'eu1' }),
    );

    await derive();

    expect((await observed())[0]?.quantity).toBe(quantity);
  });

  test.each<[string, object, string]>([
    ['equal', { path: 'data.plan', is: 'equal', value: '1' }, '1'],
    ['equal by type', { path: 'data.plan', is: 'equal', value: 1 }, '1'],
    ['different', { path: 'data.plan', is: 'different', value: 1 }, '2'],
    ['one of', { path: 'data.plan', is: 'one_of', values: [1, '1'] }, '2'],
    ['present', { path: 'data.plan', is: 'present' }, '2'],
    ['absent', { path: 'data.plan', is: 'absent' }, '1'],
    ['of an attribute', { path: 'attributes.region', is: 'equal', value: 'eu' }, '1'],
  ])('is filtered: %s', async (_case, condition, quantity) => {
    await define({ filter: [condition], aggregate: { of: 'count' } });
    await register();
    await send(event(at(1), { plan: 1 }), event(at(1), { plan: '1' }), event(at(1), {}, { region: 'eu' })); // prettier-ignore

    await derive();

    expect((await observed())[0]?.quantity).toBe(quantity);
  });

  test('is the same however often and in which order its events come', async () => {
    await define();
    await register();
    const events = [1, 2, 3].map((calls) => event(at(1), { calls, region: 'eu1' }));
    await send(...events);
    await derive();
    const first = await observed();

    await send(...events.toReversed());
    await define({ name: 'other' });
    await derive();

    expect((await observed()).filter(({ by }) => by === 'api-calls@1')).toEqual(first);
    expect(first[0]?.quantity).toBe('6');
  });

  test('is corrected on its own day by a late event, which is marked', async () => {
    await define();
    await register();
    await send(
      event(at(9), { calls: 1, region: 'eu1' }),
      event(at(1), { calls: 5, region: 'eu1' }),
    );
    await derive();
    const late = event(at(9), { calls: 2, region: 'eu1' });

    await send(late, event(at(1, '11:00:00'), { calls: 1, region: 'eu1' }));
    await derive();

    expect(await quantities()).toEqual({ [day(9)]: '3', [day(1)]: '6' });
    const rows = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql(`select e.event_id from usage_event e where e.late`),
    );
    expect(rows).toEqual([{ event_id: late.id }]);
  });

  test('of a subject is one observation each, under a pseudonym', async () => {
    await define({ aggregate: { of: 'count' }, filter: [], subject: { type: 'account', path: 'data.seat' } }); // prettier-ignore
    await register();
    await send(event(at(1), { seat: 'ann@acme.test' }), event(at(1), { seat: 'ann@acme.test' }), event(at(1), { seat: 'bob' }), event(at(1), {})); // prettier-ignore

    await derive();

    const all = await observed();
    expect(all.map(({ quantity }) => quantity).toSorted()).toEqual(['1', '2']);
    expect(all.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^sub_[a-z2-7]{26}$/),
      expect.stringMatching(/^sub_[a-z2-7]{26}$/),
    ]);
    expect(await unattributed()).toMatchObject([{ reason: 'no_subject', events: 1 }]);
  });

  test('of a subject has one name, also in events that came before it was known to be one', async () => {
    await send(event(at(1), { seat: 'ann@acme.test' }), event(at(1), { seat: 'ann@acme.test' }));
    await derive();
    await define({ aggregate: { of: 'count' }, filter: [], subject: { type: 'account', path: 'data.seat' } }); // prettier-ignore
    await register();
    await send(event(at(1), { seat: 'ann@acme.test' }));

    await derive();

    expect(await observed()).toMatchObject([{ quantity: '3' }]);
    const rows = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql<{ text: string }>(`select e::text as text from usage_event e`),
    );
    expect(rows.filter(({ text }) => text.includes('ann@'))).toEqual([]);
  });
});

describe('a new version of a definition', () => {
  test('counts from its first day on; days before keep the version that counted them', async () => {
    await define();
    await register();
    await send(
      event(at(3), { calls: 5, region: 'eu1' }),
      event(at(1), { calls: 5, region: 'eu1' }),
    );
    await derive();

    const second = await define({ aggregate: { of: 'count' }, from: day(2) });
    await send(event(at(3), { calls: 2, region: 'eu1' }));
    await derive();

    expect(second.version).toBe(2);
    expect((await observed()).map(({ quantity, version }) => [quantity, version])).toEqual([['7', 1], ['1', 2]]); // prettier-ignore
    expect((await get('/usage-definitions')).data.map((each: { version: number }) => each.version)).toEqual([1, 2]); // prettier-ignore
  });

  test('that asks for another type ends what the former one counted', async () => {
    await define({ filter: [], aggregate: { of: 'count' } });
    await register();
    await send(event(at(1)), event(at(1), {}, { source: '/instances/prod-8' }));
    await derive();
    expect(await unattributed()).toMatchObject([{ reason: 'unknown_instance' }]);

    await define({ eventType: 'api.billed', filter: [], aggregate: { of: 'count' } });
    await derive();

    expect(await observed()).toEqual([]);
    expect(await unattributed()).toMatchObject([
      { reason: 'no_definition', type: 'api.called', events: 1 },
      { reason: 'no_definition', type: 'api.called', events: 1 },
    ]);
  });

  test('cannot change one that is published', async () => {
    await define();

    const change = api.deps.store.withTenant('acme', (tx) =>
      tx.run(`update usage_definition d set document = '{}' where d.name = 'api-calls'`),
    );

    await expect(change).rejects.toThrow('permission denied');
  });
});

describe('use that counts for nobody', () => {
  test('of a type that nobody defined is in sight, with whoever sent it', async () => {
    await send(event(at(2)), event(at(1)), event(at(1)));
    await derive();

    expect(await unattributed()).toEqual([
      expect.objectContaining({
        reason: 'no_definition',
        type: 'api.called',
        source: '/instances/prod-7',
        events: 3,
        firstDay: day(2),
        lastDay: day(1),
        owner: `person:${person.id}`,
      }),
    ]);

    await define();
    await register();
    await derive();

    expect(await unattributed()).toEqual([]);
  });

  test('of an instance that nobody named counts once it is named, for that customer', async () => {
    await define();
    await send(event(at(1), { calls: 4, region: 'eu1' }));
    await derive();
    expect(await unattributed()).toMatchObject([
      {
        reason: 'unknown_instance',
        instance: '/instances/prod-7',
        definition: 'api-calls',
        events: 1,
      },
    ]);

    await register();
    await derive();

    expect(await observed()).toMatchObject([{ quantity: '4', customer: 'acc-7' }]);
    expect(await unattributed()).toEqual([]);
  });

  test('moves with its instance when that is another customer’s', async () => {
    await define();
    await register();
    await send(event(at(1), { calls: 4, region: 'eu1' }));
    await derive();

    await register({ customerRef: 'acc-8' });
    await derive();

    expect(await observed()).toMatchObject([{ quantity: '4', customer: 'acc-8' }]);
  });

  test('is given to a person, who keeps it when more of it comes', async () => {
    const ann = await api.person('acme', ['viewer'], 'Ann');
    await send(event(at(1)));
    await derive();
    const [use] = await unattributed();

    const given = await api.call('PATCH', `/api/v1/usage/unattributed/${use.id}`, {
      key: person.key,
      body: { owner: ann.id },
    });
    await send(event(at(1)));
    await derive();

    expect(given.body.owner).toBe(`person:${ann.id}`);
    expect((await get(`/usage/unattributed?owner=${ann.id}`)).data).toMatchObject([{ events: 2 }]);
    expect((await get(`/usage/unattributed?owner=${person.id}`)).data).toEqual([]);
    const nobody = await api.call('PATCH', `/api/v1/usage/unattributed/${use.id}`, {
      key: person.key,
      body: { owner: 'usr_none' },
    });
    expect(nobody.status).toBe(404);
  });

  test('because its sum is beyond any quantity is told, and holds nothing else up', async () => {
    await define({ filter: [] });
    await register();
    await register({ id: '/instances/other' });
    await send(
      ...[1, 2].map(() => event(at(1), { calls: 99_999_999_999_999 })),
      event(at(1), { calls: 1 }, { source: '/instances/other' }),
    );

    await derive();

    expect(await observed()).toMatchObject([{ quantity: '1' }]);
    expect(await unattributed()).toMatchObject([{ reason: 'out_of_range', events: 2 }]);
  });
});

describe('retention', () => {
  const keep = (usageEvents: number) =>
    api.deps.store.withTenant(
      'acme',
      (tx) =>
      saveSetting(tx, 'retention', { sourceRecordVersions: 400, runs: 400, resolvedErrors: 180, inbox: 90, usageEvents }, 'person:ada'), // prettier-ignore
    );
  const enforce = () =>
    enforceRetention(api.deps, systemCaller('acme', 'retention'), { rounds: 10, rows: 2 });

  test('removes events of days that are not kept, and what was counted of them stays', async () => {
    await define();
    await register();
    await send(...[20, 20, 20, 1].map((back) => event(at(back), { calls: 1, region: 'eu1' })));
    await derive();
    await keep(10);

    const { removed } = await enforce();
    await define({ aggregate: { of: 'max', path: 'data.calls' } });
    await derive();

    expect(removed.usageEvents).toBe(3);
    expect(await quantities()).toEqual({ [day(20)]: '3', [day(1)]: '1' });
  });

  test('opens no day again that has lost events, though more is kept later', async () => {
    await define();
    await register();
    await send(...[20, 20].map((back) => event(at(back), { calls: 1, region: 'eu1' })));
    await derive();
    await keep(10);
    await enforce();
    await keep(400);

    await api.deps.store.withTenant('acme', (tx) =>
      tx.run(
        `insert into usage_change (tenant_id, id, cause, actor, windows) values ($1, 'usc_x', 'events', 'x', $2)`,
        [tx.tenantId, JSON.stringify([['api.called', day(20)]])],
      ),
    );
    await derive();

    expect(await quantities()).toEqual({ [day(20)]: '2' });
  });
});
