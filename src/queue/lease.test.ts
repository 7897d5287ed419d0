import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { StaleError } from '../kernel/errors.ts';
import {
  claim,
  complete,
  fail,
  holdLease,
  LEASE_SECONDS,
  release,
  renew,
  type ClaimedWork,
} from './lease.ts';
import { listStuck, requestMissingWork, requestWork, retryStuck } from './outbox.ts';

const WORK = { job: 'deliver', key: 'crm/Contract' };
const TEMPORARY = { message: 'away', retryable: true, attempts: 3, backoffMs: 60_000 };

let db: TestStore;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>) => db.store.withTenant(db.tenantId, fn);
const ask = (payload = { n: 1 }, notBefore?: Date) =>
  inTx((tx) => requestWork(tx, [{ ...WORK, payload, notBefore }]));
const take = () => inTx((tx) => claim(tx, WORK));
const expire = () => inTx((tx) => tx.run('update outbox set lease_until = app.clock()'));
const leftSeconds = async () =>
  (await inTx((tx) => tx.sql<{ left: number }>('select extract(epoch from lease_until - app.clock())::float8 as left from outbox')))[0]?.left; // prettier-ignore
const due = () => db.store.asOwner((tx) => tx.sql('select * from app.due_work(10)'));

async function takeOrFail(): Promise<ClaimedWork> {
  const claimed = await take();
  if (claimed === null) throw new Error('The work was not due.');
  return claimed;
}

beforeAll(async () => {
  db = await testStore();
});
afterEach(async () => {
  await inTx((tx) => tx.run('delete from outbox'));
});
afterAll(() => db.close());

describe('asking for work', () => {
  test('twice for one key is one row, with the newest payload and the earlier time', async () => {
    const later = new Date((await inTx((tx) => tx.clock())).getTime() + 3_600_000);
    const [first] = await ask({ n: 1 }, later);

    const [second] = await ask({ n: 2 });
    const claimed = await take();

    expect(second?.version).not.toBe(first?.version);
    expect(claimed).toMatchObject({ payload: { n: 2 }, version: second?.version, attempts: 0 });
  });

  test('for one key several times in one call is one row as well', async () => {
    const item = (n: number) => ({ ...WORK, payload: { n } });

    const refs = await inTx((tx) => requestWork(tx, [item(1), item(2), item(3)]));

    expect(refs).toHaveLength(1);
    expect(await take()).toMatchObject({ payload: { n: 3 } });
  });

  test('only if it is missing makes a row once, and changes none that is there', async () => {
    const missing = (n: number) =>
      inTx((tx) => requestMissingWork(tx, [{ ...WORK, payload: { n } }]));

    await missing(1);
    const first = await takeOrFail();
    await missing(2);
    const end = await inTx((tx) => complete(tx, WORK, first));

    expect(first).toMatchObject({ payload: { n: 1 } });
    expect(end).toEqual({ kind: 'done' });
  });

  test('for later is not due before', async () => {
    await ask({ n: 1 }, new Date((await inTx((tx) => tx.clock())).getTime() + 3_600_000));

    expect(await take()).toBeNull();
    expect(await due()).toEqual([]);
  });

  test('of one tenant is not seen by another', async () => {
    await ask();

    expect(await db.store.withTenant(db.otherTenantId, (tx) => claim(tx, WORK))).toBeNull();
  });
});

describe('a lease', () => {
  test('F-58: is taken by one of many who try at the same moment', async () => {
    await ask();

    const claims = await Promise.all(Array.from({ length: 5 }, take));

    expect(claims.filter((claimed) => claimed !== null)).toHaveLength(1);
  });

  test('F-59: that was taken over is refused to the one who slept', async () => {
    await ask();
    const sleeper = await takeOrFail();
    await expire();
    const heir = await takeOrFail();

    await expect(inTx((tx) => holdLease(tx, WORK, sleeper.fence))).rejects.toThrow(StaleError);
    await expect(inTx((tx) => complete(tx, WORK, sleeper))).rejects.toThrow(StaleError);
    expect(await inTx((tx) => renew(tx, WORK, sleeper.fence))).toBe(false);
    expect(await inTx((tx) => fail(tx, WORK, sleeper, TEMPORARY))).toEqual({ kind: 'lost' });

    await inTx((tx) => holdLease(tx, WORK, heir.fence));
    expect(await inTx((tx) => complete(tx, WORK, heir))).toEqual({ kind: 'done' });
  });

  test('F-59: of a row that was done and asked for anew is no lease of the new one', async () => {
    await ask();
    const sleeper = await takeOrFail();
    await expire();
    const heir = await takeOrFail();
    await inTx((tx) => complete(tx, WORK, heir));
    await ask();
    await takeOrFail();

    await expect(inTx((tx) => holdLease(tx, WORK, sleeper.fence))).rejects.toThrow(StaleError);
  });

  test('F-59: that a transaction holds cannot be taken before the transaction ends', async () => {
    await ask();
    const holder = await takeOrFail();
    await expire();

    const meanwhile = await inTx(async (tx) => {
      await holdLease(tx, WORK, holder.fence);
      const taken = await take();
      const renewed = await inTx((other) => renew(other, WORK, holder.fence));
      const [asked] = await ask({ n: 2 });
      return { taken, renewed, asked };
    });

    expect(meanwhile.taken).toBeNull();
    expect(meanwhile.renewed).toBe(true);
    expect(meanwhile.asked).toBeDefined();
  });

  test('F-59: a transaction that holds one and stands still is ended by the server', async () => {
    await ask();
    const holder = await takeOrFail();

    const [limit] = await inTx(async (tx) => {
      await holdLease(tx, WORK, holder.fence);
      return await tx.sql<{ ms: number }>(
        `select setting::int as ms from pg_settings where name = 'idle_in_transaction_session_timeout'`,
      );
    });
    const [after] = await inTx((tx) =>
      tx.sql<{ ms: number }>(
        `select setting::int as ms from pg_settings where name = 'idle_in_transaction_session_timeout'`,
      ),
    );

    expect(limit?.ms).toBe(30_000);
    expect(after?.ms).not.toBe(30_000);
  });

  test('F-60: ends by the clock of the database, whatever the workers believe', async () => {
    const realNow = Date.now;
    try {
      for (const wrong of [-86_400_000, 86_400_000]) {
        await ask();
        Date.now = () => realNow() + wrong;

        const { fence } = await takeOrFail();
        expect(await leftSeconds()).toBeGreaterThan(0);
        expect(await leftSeconds()).toBeLessThanOrEqual(LEASE_SECONDS);
        expect(await inTx((tx) => renew(tx, WORK, fence))).toBe(true);
        expect(await leftSeconds()).toBeLessThanOrEqual(LEASE_SECONDS);
        Date.now = () => realNow() - wrong;
        expect([await take(), await due()]).toEqual([null, []]);

        await expire();
        expect(await due()).toHaveLength(1);
        expect(await take()).not.toBeNull();
        await inTx((tx) => tx.run('delete from outbox'));
      }
    } finally {
      Date.now = realNow;
    }
  });

  test('that was given back holds no more, and the work is due at once', async () => {
    await ask();
    const first = await takeOrFail();

    await inTx((tx) => release(tx, WORK, first.fence));

    await expect(inTx((tx) => holdLease(tx, WORK, first.fence))).rejects.toThrow(StaleError);
    expect(await inTx((tx) => renew(tx, WORK, first.fence))).toBe(false);
    expect(await take()).toMatchObject({ attempts: 0 });
  });
});

describe('finished work', () => {
  test('that was asked for anew while it ran is due again', async () => {
    await ask({ n: 1 });
    const claimed = await takeOrFail();
    const [again] = await ask({ n: 2 });

    const end = await inTx((tx) => complete(tx, WORK, claimed));

    expect(end).toEqual({ kind: 'again', version: again?.version });
    expect(await take()).toMatchObject({ payload: { n: 2 } });
  });
});

describe('failed work', () => {
  const delay = async () => {
    const [row] = await inTx((tx) =>
      tx.sql<{ seconds: number | null; attempts: number; last_error: string }>(
        `select extract(epoch from not_before - app.clock())::float8 as seconds, attempts, last_error
         from outbox where not_before < 'infinity'`,
      ),
    );
    return row;
  };

  test('comes again after a random delay that is at most the doubled backoff', async () => {
    await ask();

    const end = await inTx(async (tx) => fail(tx, WORK, await takeOrFail(), TEMPORARY));
    const row = await delay();

    expect(end).toEqual({ kind: 'retry' });
    expect(row).toMatchObject({ attempts: 1, last_error: 'away' });
    expect(row?.seconds).toBeLessThanOrEqual(120);
    expect(row?.seconds).toBeGreaterThan(-5);
  });

  test('waits as long as the other side asked, and uses up no attempt', async () => {
    await ask();
    const asked = { ...TEMPORARY, backoffMs: 1, waitMs: 600_000 };

    await inTx(async (tx) => fail(tx, WORK, await takeOrFail(), asked));
    const row = await delay();

    expect(row).toMatchObject({ attempts: 0 });
    expect(row?.seconds).toBeGreaterThan(590);
  });

  test('is stuck at once if trying again cannot help, and stays until it is retried', async () => {
    await ask();
    const failure = { ...TEMPORARY, message: 'wrong\0 mapping', retryable: false };

    const end = await inTx(async (tx) => fail(tx, WORK, await takeOrFail(), failure));
    const stuck = await inTx((tx) => listStuck(tx));
    const untouched = await take();
    await inTx((tx) => retryStuck(tx, WORK));

    expect(end).toEqual({ kind: 'stuck' });
    expect(stuck).toEqual([
      {
        ...WORK,
        payload: { n: 1 },
        attempts: 1,
        error: 'wrong mapping',
        requestedAt: expect.any(Date),
      },
    ]);
    expect(untouched).toBeNull();
    expect(await take()).toMatchObject({ attempts: 0 });
  });

  test('that is stuck starts over when it is asked for anew', async () => {
    await ask();
    await inTx(async (tx) => fail(tx, WORK, await takeOrFail(), { ...TEMPORARY, attempts: 1 }));

    await ask({ n: 2 });

    expect(await inTx((tx) => listStuck(tx))).toEqual([]);
    expect(await take()).toMatchObject({ payload: { n: 2 }, attempts: 0 });
  });

  test('that was asked for anew while it ran is due at once, however it failed', async () => {
    await ask({ n: 1 });
    const claimed = await takeOrFail();
    const [again] = await ask({ n: 2 });

    const end = await inTx((tx) => fail(tx, WORK, claimed, { ...TEMPORARY, retryable: false }));

    expect(end).toEqual({ kind: 'again', version: again?.version });
    expect(await take()).toMatchObject({ payload: { n: 2 } });
  });

  test('that is not stuck cannot be retried by hand', async () => {
    await expect(inTx((tx) => retryStuck(tx, WORK))).rejects.toThrow('No stuck work');
    expect(await inTx((tx) => retryStuck(tx))).toEqual([]);
  });
});

describe('due work over all tenants', () => {
  test('F-62: comes one tenant after the other in turn', async () => {
    const items = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, at) => ({
        job: 'map',
        key: `${prefix}${at}`,
        payload: {},
      }));
    await inTx((tx) => requestWork(tx, items('a', 50)));
    await db.store.withTenant(db.otherTenantId, (tx) => requestWork(tx, items('b', 3)));

    const rows = await db.store.asOwner((tx) =>
      tx.sql<{ tenant_id: string }>('select tenant_id from app.due_work(6)'),
    );

    expect(rows.filter((row) => row.tenant_id === db.otherTenantId)).toHaveLength(3);
    expect(rows).toHaveLength(6);
    await db.store.withTenant(db.otherTenantId, (tx) => tx.run('delete from outbox'));
  });
});
