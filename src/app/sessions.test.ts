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
import { markRemoved, updateConnection } from '../intake/connections.ts';
import { systemClock } from '../kernel/clock.ts';
import { StoreUnavailable } from '../kernel/errors.ts';
import { armKillPoints } from '../kernel/kill-point.ts';
import { silentLogger } from '../kernel/logger.ts';
import type { Registry } from '../registry/load-registry.ts';
import { kekFromBytes } from '../security/kek.ts';
import { openSecrets, sealSecrets } from '../security/secrets.ts';
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
});
afterEach(async () => {
  armKillPoints(undefined);
  await one.close();
  await two.close();
  await vendor.stop();
});

const stored = () => db.store.readTenant(db.tenantId, (tx) => openSecrets(tx, kek, name));
const count = async (sessions: Sessions): Promise<number | null> =>
  (await sessions.of(db.tenantId, name)).countWindow('x', WINDOW);
const change = (fn: Parameters<Store['withTenant']>[1]) => db.store.withTenant(db.tenantId, fn);

describe('a refresh token that changes at each use', () => {
  test('is stored before it is used', async () => {
    await count(one);

    expect(await stored()).toEqual({ refreshToken: 'refresh-1', accessToken: 'access-1' });
  });

  test('F-19: F-21: many calls of two processes at once make one login', async () => {
    const calls = await Promise.all(
      [one, two, one, two, one, two].map((sessions) => count(sessions)),
    );

    expect(calls).toEqual([7, 7, 7, 7, 7, 7]);
    expect([vendor.logins(), vendor.refused()]).toEqual([1, 0]);
  });

  test('F-21: after the next expiry again one of them signs in, with the newest token', async () => {
    await Promise.all([count(one), count(two)]);
    vendor.expire();

    await Promise.all([count(one), count(two)]);

    expect([vendor.logins(), vendor.refused()]).toEqual([2, 0]);
  });

  test('a login of one process does not end the session of the other', async () => {
    const session = await two.of(db.tenantId, name);
    await count(one);

    expect(await two.of(db.tenantId, name)).toBe(session);
  });

  test('F-08: one that got lost before it was stored refuses the next login as such', async () => {
    armKillPoints((point) => {
      if (point === 'auth.refreshed_not_saved') throw new Error('killed');
    });
    await expect(count(one)).rejects.toThrow('No answer.');
    armKillPoints(undefined);

    await expect(count(two)).rejects.toMatchObject({ code: 'auth_expired' });
    expect(await stored()).toEqual({ refreshToken: 'refresh-0' });
  });

  test('F-21: is kept although the store was away when it came', async () => {
    let refusals = 3;
    let renewing = false;
    armKillPoints((point) => void (renewing ||= point === 'auth.refreshed_not_saved'));
    const store: Store = {
      ...db.store,
      withTenant: (tenantId, fn, options) => {
        if (!renewing || refusals === 0) return db.store.withTenant(tenantId, fn, options);
        refusals -= 1;
        return Promise.reject(new StoreUnavailable('Away.'));
      },
    };
    const shaken = createSessions({ registry, kek, clock: systemClock(), logger: silentLogger, store }); // prettier-ignore

    const counted = await count(shaken);
    await shaken.close();

    expect([counted, refusals]).toEqual([7, 0]);
    expect(await stored()).toEqual({ refreshToken: 'refresh-1', accessToken: 'access-1' });
  });

  test('F-21: is kept although the lock of its login broke meanwhile', async () => {
    const store: Store = {
      ...db.store,
      tryLock: async (_name, fn) => ({ held: true, value: await fn(AbortSignal.abort()) }),
    };
    const shaken = createSessions({ registry, kek, clock: systemClock(), logger: silentLogger, store }); // prettier-ignore

    const counted = await count(shaken);
    await shaken.close();

    expect(counted).toBe(7);
    expect(await stored()).toEqual({ refreshToken: 'refresh-1', accessToken: 'access-1' });
  });

  test('does not overwrite what a person stored meanwhile', async () => {
    armKillPoints(async (point) => {
      if (point !== 'auth.refreshed_not_saved') return;
      await change((tx) => sealSecrets(tx, kek, name, { refreshToken: 'by-hand' }));
    });

    await expect(count(one)).rejects.toMatchObject({ code: 'conflict' });
    expect(await stored()).toEqual({ refreshToken: 'by-hand' });
  });

  test('of a connection that is only tried is handed to whoever keeps it', async () => {
    const session = await one.openDraft({
      id: 'new',
      connector: 'rotor',
      config: { url: vendor.url },
      secrets: { refreshToken: 'refresh-0' },
      allowPrivateNetwork: true,
    });

    await session.check();

    expect(session.newestSecrets()).toEqual({ refreshToken: 'refresh-1', accessToken: 'access-1' });
  });
});

describe('a session', () => {
  const later = (): Promise<void> => new Promise((done) => setTimeout(done, 1100));

  test('ends when its connection was removed by another process: nothing more is sent', async () => {
    const session = await two.of(db.tenantId, name);
    await session.countWindow('x', WINDOW);
    const before = vendor.calls();
    await change((tx) => markRemoved(tx, name));
    await later();

    await expect(session.countWindow('x', WINDOW)).rejects.toMatchObject({ code: 'not_found' });
    await expect(two.of(db.tenantId, name)).rejects.toMatchObject({ code: 'not_found' });
    expect(vendor.calls()).toBe(before);
  });

  test('ends when the settings were changed by another process, and the next one has the new ones', async () => {
    const session = await two.of(db.tenantId, name);
    await session.countWindow('x', WINDOW);
    const moved = await startRotatingVendor();
    await change((tx) => updateConnection(tx, name, { config: { url: moved.url } }));
    await later();

    await expect(session.countWindow('x', WINDOW)).rejects.toMatchObject({ code: 'conflict' });
    await expect(count(two)).rejects.toMatchObject({ code: 'auth_expired' });
    expect(moved.refused()).toBe(1);
    await moved.stop();
  });

  test('ends at once where its connection was changed', async () => {
    const session = await one.of(db.tenantId, name);
    await session.countWindow('x', WINDOW);
    const before = vendor.calls();

    await one.drop(db.tenantId, name);

    await expect(session.countWindow('x', WINDOW)).rejects.toMatchObject({ code: 'conflict' });
    expect(vendor.calls()).toBe(before);
  });
});
