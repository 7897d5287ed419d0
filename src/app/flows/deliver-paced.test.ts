import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CONNECTOR_CASES } from '../../../test/support/connector-cases.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIntents, proposeIntents, type Intent } from '../../delivery/intents.ts';
import { noteLogin } from '../../intake/connections.ts';
import { RemoteUnavailable } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { armKillPoints } from '../../kernel/kill-point.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import { createPacing, type Pacing } from '../pacing.ts';
import { checkConnection } from './check-connection.ts';

// One company whose clock towards vendors is ours; each test has records of its own.

const TARGET = { connection: 'erp', object: 'salesOrder' };
const START = Date.parse('2026-03-02T09:00:00Z');

let world: Harness;
let now = START;

const fresh = (): Pacing => createPacing({ now: () => now, random: () => 0.5 });

beforeAll(async () => {
  world = await startHarness();
  await world.allowWrites();
  await world.drain();
}, 90_000);
afterAll(() => world?.stop());
beforeEach(async () => {
  now = START;
  Object.assign(world.deps, { pacing: fresh() });
  await world.twins.netsuite.faults();
});

/** Orders that nothing was sent of yet. */
async function propose(name: string, count: number): Promise<void> {
  const fields = CONNECTOR_CASES['netsuite']?.writes(world.company)['salesOrder']?.fields ?? {};
  const effects = Array.from({ length: count }, (_, n) => ({
    ...TARGET,
    canonicalId: `${name}:${n}`,
    vendorId: null,
    fields: { ...fields, memo: `${name} ${n}` },
  }));
  await world.inTx((tx) => proposeIntents(tx, effects));
  await world.ask('deliver', TARGET);
}
const ordersOf = async (name: string): Promise<readonly Intent[]> => {
  const all = await world.inTx((tx) => listIntents(tx, { object: 'salesOrder', limit: 2_000 }));
  return all.filter(({ canonicalId }) => canonicalId.startsWith(`${name}:`));
};
const states = async (name: string) => {
  const all = await ordersOf(name);
  return Object.fromEntries(
    [...Map.groupBy(all, ({ state }) => state)].map(([state, own]) => [state, own.length]),
  );
};
const firings = async () => {
  const reply = await fetch(`${world.twins.netsuite.running.control}/firings`);
  return (await reply.json()) as readonly number[];
};
/** Faults first; whatever they let through is counted by the last rule. */
const under = (...rules: readonly JsonObject[]) =>
  world.twins.netsuite.faults(...rules, {
    action: 'delay',
    delayMs: 0,
    match: { path: '/record/' },
  });
const calls = async () => (await firings()).reduce((sum, each) => sum + each, 0);
/** Seconds until the target's next turn, by the database's clock. */
const nextTurn = async (): Promise<number> => {
  const [row] = await world.inTx((tx) =>
    tx.sql<{ wait: number }>(
      `select extract(epoch from w.not_before - app.clock())::float8 as wait from outbox w
       where w.job = 'deliver' and w.key = 'erp/salesOrder'`,
    ),
  );
  return row?.wait ?? Number.NaN;
};
const waitsOf = async (name: string): Promise<readonly number[]> => {
  const rows = await world.inTx((tx) =>
    tx.sql<{ wait: number }>(
      `select extract(epoch from i.not_before - app.clock())::float8 as wait from intent i where i.canonical_id like $1`,
      [`${name}:%`],
    ),
  );
  return rows.map(({ wait }) => wait);
};
/** Time goes by for all that waits, here and in the database. */
const again = async (seconds: number) => {
  now += seconds * 1000;
  await world.inTx(async (tx) => {
    const back = (column: string) => `${column} = ${column} - make_interval(secs => $1)`;
    await tx.run(`update outbox set ${back('not_before')} where not_before < 'infinity'`, [seconds]);
    await tx.run(`update intent set ${['not_before', 'lease_until', 'sent_at'].map(back).join(', ')} where not read_back`, [seconds]);
  });
  await world.drain();
}; // prettier-ignore
/** Lets the target take its turns for so many seconds, each at its own time. */
const live = async (seconds: number) => {
  for (let left = seconds; left > 0;) {
    const wait = await nextTurn();
    const step = Number.isFinite(wait) ? Math.min(left, Math.max(0.1, wait)) : left;
    left -= step;
    await again(step);
  }
};

describe('F-17: an ERP that says when to come back', () => {
  test('is not called before, however often it is asked for, and takes everything once then', async () => {
    await under({ action: 'status', status: 429, headers: { 'retry-after': '120' }, match: { method: 'PUT' }, nth: 1 }); // prettier-ignore
    now = Date.now();

    await propose('limited', 3);
    await world.drain();
    const made = await calls();
    const wait = await nextTurn();
    const waits = await waitsOf('limited');
    await propose('beside', 2);
    await world.drain();
    await again(100);
    const during = await calls();
    await again(60);

    expect((await firings())[0]).toBe(1);
    expect(wait).toBeGreaterThanOrEqual(119);
    // Kept with the intent, for a worker elsewhere.
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(119);
    expect(during).toBe(made);
    expect(await states('limited')).toEqual({ APPLIED: 3 });
    expect(await states('beside')).toEqual({ APPLIED: 2 });
  });
});

describe('F-16: an ERP that does not answer', () => {
  test('is left alone after five failures in a row; one call probes, and all goes out when it is back', async () => {
    await under({ action: 'reset_before', match: { path: '/record/' } });
    await propose('out', 40);
    for (let turn = 0; turn < 6; turn += 1) await world.drain({ skipWaits: true });
    const first = await calls();

    for (let turn = 0; turn < 6; turn += 1) await world.drain({ skipWaits: true });
    const whileOpen = await calls();
    await again(31);
    const probed = await calls();
    await under();
    await again(61);
    for (let turn = 0; turn < 3; turn += 1) await world.drain({ skipWaits: true, endLeases: true });

    expect(whileOpen).toBe(first);
    expect(probed - first).toBe(1);
    expect(await states('out')).toEqual({ APPLIED: 40 });
  });

  test('and refuses to save is tried with few records, not with a whole batch', async () => {
    await under({ action: 'reset_before', match: { method: 'PUT' } });
    await propose('ramp', 45);
    await world.drain();
    const [whole = 0] = await firings();
    await again(31);
    const [few = 0] = await firings();
    await under();
    await live(900);

    expect(whole).toBe(20);
    expect(few - whole).toBeGreaterThan(0);
    expect(few - whole).toBeLessThanOrEqual(4);
    expect(await states('ramp')).toEqual({ APPLIED: 45 });
  });

  test('while another system is written as before', async () => {
    const pacing = world.deps.pacing?.lane(world.caller.tenantId, 'erp');
    const other = world.deps.pacing?.lane(world.caller.tenantId, 'crm');
    for (let time = 0; time < 5; time += 1) pacing?.leave(new RemoteUnavailable('out'));

    expect(() => pacing?.requireOpen()).toThrow(RemoteUnavailable);
    expect(() => other?.requireOpen()).not.toThrow();
  });
});

test('a key that several records carry is a conflict that names them, and nothing is written a second time', async () => {
  const sessions = { ...world.deps.sessions };
  let writes = 0;
  Object.assign(world.deps.sessions, {
    of: async (tenant: string, connection: string) => {
      const session: ConnectorSession = {
        ...(await sessions.of(tenant, connection)),
        write: async (_, requests) => {
          writes += 1;
          return requests.map(({ externalId }) => ({ kind: 'unknown', externalId, code: 'DUPLICATE_EXTERNAL_ID', message: 'two', mayArrive: false }));
        },
        readBack: async (_, [externalId = '']) =>
          ['901', '902'].map((vendorId) => ({ externalId, intentId: null, vendorId, fields: {} })),
      };
      return session;
    },
  });
  await propose('twice', 1);
  await world.drain();
  await live(600);
  Object.assign(world.deps.sessions, sessions);

  const [intent] = await ordersOf('twice');
  expect(intent).toMatchObject({ state: 'CONFLICT', error: { message: expect.stringMatching(/901, 902$/) } });
  expect(writes).toBe(1);
}); // prettier-ignore

test('a login that another object finds ended, while a batch is in hand, ends the turn: what was taken up once is given back once', async () => {
  const leases = async (): Promise<number> => {
    const [row] = await world.inTx((tx) =>
      tx.sql<{ most: number }>(`select max(fence)::int as most from intent where canonical_id like 'closing:%'`),
    );
    return row?.most ?? -1;
  };
  armKillPoints(async (name) => {
    if (name === 'push.leased' && (await leases()) === 1)
      await world.inTx((tx) => noteLogin(tx, 'erp', 'refused'));
  });
  await propose('closing', 3);
  await world.drain();
  armKillPoints(undefined);
  const [takenUp, during] = [await leases(), await states('closing')];

  await checkConnection(world.deps, world.caller, 'erp');
  await world.drain({ skipWaits: true });

  expect([takenUp, during]).toEqual([1, { PLANNED: 3 }]);
  expect(await states('closing')).toEqual({ APPLIED: 3 });
}, 60_000); // prettier-ignore

test('F-18: a failed turn is followed by a random part of a short wait, and by a full minute once the retries are spent', async () => {
  await under({ action: 'reset_before', match: { path: '/record/' }, times: 2 });
  await propose('budget', 2);
  await world.drain();
  const soon = await nextTurn();
  const lane = world.deps.pacing?.lane(world.caller.tenantId, 'erp');
  while (lane?.mayRetry() === true) now += 1;
  await under({ action: 'reset_before', match: { path: '/record/' }, times: 2 });
  await again(20);
  const spent = await nextTurn();
  await under();
  await live(900);

  expect(soon).toBeGreaterThan(0);
  expect(soon).toBeLessThanOrEqual(15);
  expect(spent).toBeGreaterThanOrEqual(59);
  expect(await states('budget')).toEqual({ APPLIED: 2 });
}); // prettier-ignore

test('F-18: ten minutes in which six of ten calls fail cost at most half as many calls again, and nothing twice', async () => {
  const ORDERS = 120;
  await under();
  await propose('calm', ORDERS);
  await world.drain();
  const calm = await calls();

  await under({ action: 'status', status: 503, match: { path: '/record/' }, rate: 0.6 });
  await propose('storm', ORDERS);
  await live(600);
  const stormy = await calls();
  const failed = (await firings())[0] ?? 0;
  await under();
  await live(600);
  const total = stormy + (await calls());

  expect(await states('calm')).toEqual({ APPLIED: ORDERS });
  expect(await states('storm')).toEqual({ APPLIED: ORDERS });
  expect(failed).toBeGreaterThan(8);
  expect(total / calm).toBeLessThanOrEqual(1.5);
  const ids = new Set((await ordersOf('storm')).map(({ id }) => id));
  const effects = (await world.twins.netsuite.oracle()).filter((each) => ids.has(each.intentId ?? ''));
  expect(effects).toHaveLength(ORDERS);
}, 120_000); // prettier-ignore
