import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import {
  addRotor,
  ROTOR,
  startRotatingVendor,
  type RotatingVendor,
} from '../../test/support/rotating-vendor.ts';
import { openStore, type Store } from '../db/store.ts';
import {
  budgetView,
  fullestBudgets,
  noteVendorUsage,
  saveBudget,
  takeCalls,
  type CallBudget,
} from '../intake/budgets.ts';
import { systemClock } from '../kernel/clock.ts';
import { HubError, RateLimited } from '../kernel/errors.ts';
import { silentLogger } from '../kernel/logger.ts';
import type { Registry } from '../registry/load-registry.ts';
import { kekFromBytes } from '../security/kek.ts';
import { createCallGate } from './call-gate.ts';
import { forClosedWon } from './call-purpose.ts';
import { createSessions, type Sessions } from './sessions.ts';

const WINDOW = { mode: 'full', from: null, to: null } as const;
const kek = kekFromBytes(randomBytes(32));
const registry = { connectors: new Map([['rotor', ROTOR]]) } as unknown as Registry;

let db: TestStore;
let otherPool: Store;
let vendor: RotatingVendor;
let one: Sessions;
let two: Sessions;
let number = 0;
let name = '';

beforeAll(async () => {
  db = await testStore();
  otherPool = openStore({ url: db.url, poolSize: 5 });
});
afterAll(async () => {
  await otherPool.close();
  await db.close();
});
beforeEach(async () => {
  vendor = await startRotatingVendor();
  const common = { registry, kek, clock: systemClock(), logger: silentLogger };
  one = createSessions({ ...common, store: db.store });
  two = createSessions({ ...common, store: otherPool });
  number += 1;
  name = `rotor-${number}`;
  await addRotor(db, kek, name, vendor.url);
  // Signed in once, so that each count below is one call.
  await count(one);
});
afterEach(async () => {
  await one.close();
  await two.close();
  await vendor.stop();
});

const count = async (sessions: Sessions): Promise<number | null> =>
  (await sessions.of(db.tenantId, name)).countWindow('x', WINDOW);
const view = () => db.store.readTenant(db.tenantId, (tx) => budgetView(tx, name));
/** What the login above has used is given back first, so that the figures below start at nothing. */
async function budget(change: Partial<CallBudget>): Promise<void> {
  await one.close();
  await db.store.withTenant(db.tenantId, async (tx) => {
    await saveBudget(tx, name, { dailyCalls: null, reservePercent: 10, concurrency: null, ...change });
    await tx.run('update call_usage set used = 0 where connection = $1', [name]);
  }); // prettier-ignore
}
async function errorOf(work: Promise<unknown>): Promise<HubError> {
  return await work.then(
    () => Promise.reject(new Error('It was let through.')),
    (error: unknown) => (error instanceof HubError ? error : Promise.reject(error as Error)),
  );
}
/** Counts until the budget says no; returns how many calls reached the vendor. */
async function countUntilSpent(...all: readonly Sessions[]): Promise<number> {
  const before = vendor.calls();
  const worker = async (sessions: Sessions): Promise<void> => {
    for (let tried = 0; tried < 200; tried += 1) await count(sessions);
  };
  await Promise.all(all.map((sessions) => errorOf(worker(sessions))));
  return vendor.calls() - before;
}

describe('F-24: the daily budget of a connection', () => {
  test('is never exceeded by two processes together, and is used to its last readable call', async () => {
    await budget({ dailyCalls: 40 });

    expect(await countUntilSpent(one, two, one, two)).toBe(36);
  });

  test('refuses with the instant at which it is whole again, and says how to raise it', async () => {
    await budget({ dailyCalls: 10 });
    await countUntilSpent(one);

    const refused = await errorOf(count(one));

    expect(refused).toBeInstanceOf(RateLimited);
    expect(refused).toMatchObject({
      retryAt: (await view()).resetsAt,
      details: { sent: false, used: 9, dailyCalls: 10 },
      message: expect.stringContaining(`trueup connections budget ${name}`),
    });
  });

  test('keeps its reserve for writes and read-backs, and not a call more', async () => {
    await budget({ dailyCalls: 10, reservePercent: 20 });
    await countUntilSpent(one);
    const session = await one.of(db.tenantId, name);

    await session.write('x', []);
    await session.readBack('x', []);

    expect(await errorOf(session.write('x', []))).toMatchObject({
      code: 'rate_limited',
      details: { nothingApplied: true },
    });
    expect((await view()).usedToday).toBe(10);
  });

  test('opens its reserve to reads that a pushed change asks for', async () => {
    await budget({ dailyCalls: 10 });
    await countUntilSpent(one);

    expect(await forClosedWon(() => count(one))).toBe(7);
  });

  test('gets back what a process took and did not use', async () => {
    await budget({ dailyCalls: 1000 });
    await count(one);
    expect((await view()).usedToday).toBeGreaterThan(1);

    await one.close();

    expect((await view()).usedToday).toBe(1);
  });

  test('that is raised lets reading go on', async () => {
    await budget({ dailyCalls: 10 });
    await countUntilSpent(one);

    await budget({ dailyCalls: 1000 });

    expect(await count(one)).toBe(7);
  });

  test('does not count for another connection', async () => {
    await budget({ dailyCalls: 10 });
    await countUntilSpent(one);
    name = `${name}-b`;
    await addRotor(db, kek, name, vendor.url);
    vendor.expire();

    expect(await errorOf(count(one))).toMatchObject({ code: 'auth_expired' });
  });
});

describe('the vendor’s own figure', () => {
  test('is kept, shown, and stops reading where the reserve begins', async () => {
    const { store } = db;
    const gate = createCallGate({ store, logger: silentLogger, tenantId: db.tenantId, connection: name }); // prettier-ignore
    gate.reportUsage({ used: 14_000, limit: 15_000 });
    await gate.close();
    await one.close();

    expect(await errorOf(count(one))).toMatchObject({ details: { spent: 'vendor' } });
    expect(await view()).toMatchObject({ vendor: { used: 14_000, limit: 15_000 }, usedRatio: 14 / 15 }); // prettier-ignore
  });

  test.each([[Number.NaN, 5], [1, 0], [-1, 5], [1.5, 5]])('of %d of %d is no figure', async (used, limit) => {
    const { store } = db;
    const gate = createCallGate({ store, logger: silentLogger, tenantId: db.tenantId, connection: name });
    gate.reportUsage({ used, limit });
    await gate.close();

    expect((await view()).vendor).toBeNull();
  }); // prettier-ignore
});

test('the figure of a connector is that of its fullest connection, by our budget or the vendor’s count', async () => {
  const other = { store: db.store, tenantId: db.otherTenantId };
  for (const id of ['by-us', 'by-them', 'unlimited']) await addRotor(other, kek, id, vendor.url);
  const ratios = await db.store.withTenant(db.otherTenantId, async (tx) => {
    await saveBudget(tx, 'by-us', { dailyCalls: 50, reservePercent: 0, concurrency: null });
    for (const id of ['by-us', 'unlimited']) await takeCalls(tx, id, 'read');
    const ours = await fullestBudgets(tx);
    await noteVendorUsage(tx, 'by-them', { used: 9, limit: 10 });
    return [ours, await fullestBudgets(tx)];
  });

  expect(ratios).toEqual([{ rotor: 0.04 }, { rotor: 0.9 }]);
});

describe('calls in flight', () => {
  test('are never more than the budget allows, over two processes', async () => {
    await budget({ concurrency: 2, reservePercent: 0 });
    vendor.slow(15);

    await Promise.all(Array.from({ length: 24 }, (_, at) => count(at % 2 === 0 ? one : two)));

    expect(vendor.mostInFlight()).toBe(2);
  });

  test('of reading leave one free for a closed-won deal', async () => {
    await budget({ concurrency: 2 });
    vendor.slow(400);
    const reads = Promise.all([count(one), count(one), count(two)]);
    await new Promise((done) => setTimeout(done, 150));
    const started = performance.now();

    await forClosedWon(() => count(two));

    expect(performance.now() - started).toBeLessThan(700);
    await reads;
    expect(vendor.mostInFlight()).toBe(2);
  });

  test('of a process that died come free by themselves', async () => {
    await budget({ concurrency: 1 });
    await db.store.withTenant(db.tenantId, (tx) =>
      tx.run(
        `insert into call_slot (tenant_id, connection, slot, holder, held_until)
         values ($1, $2, 1, 'dead', app.clock() + interval '300 milliseconds')`,
        [tx.tenantId, name],
      ),
    );
    const started = performance.now();

    await count(one);

    expect(performance.now() - started).toBeGreaterThan(200);
  });
});
