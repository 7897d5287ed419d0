import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { leasePlanned, markSent, recordResults } from './dispatch.ts';
import { proposeIntents } from './intents.ts';
import { waitsForParent } from './parent-rows.ts';

const PARENTS = { Contract: 'AccountId', Asset: 'AccountId', Account: 'Id' };

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const effect = (object: string, canonicalId: string, account: string) => ({
  connection: 'crm',
  object,
  canonicalId,
  vendorId: object === 'Account' ? account : null,
  fields: object === 'Account' ? { Trueup_Rights_Owned__c: 1 } : { AccountId: account },
});
const lease = (object: string, connection = 'crm') =>
  inTx((tx) =>
    leasePlanned(tx, { connection, object }, { batch: 10, leaseSeconds: 60, parents: PARENTS }),
  );
const ids = (leased: readonly { readonly canonicalId: string }[]) =>
  leased.map(({ canonicalId }) => canonicalId);
const waits = (object: string) =>
  inTx((tx) => waitsForParent(tx, { connection: 'crm', object }, PARENTS));

test('F-25: what shares an account with a write that is under way waits for it; all else is sent', async () => {
  const other = { ...effect('Asset', 'elsewhere', 'A'), connection: 'crm2' };
  await inTx((tx) =>
    proposeIntents(tx, [
      effect('Contract', 'contract of A', 'A'),
      effect('Asset', 'asset of A', 'A'),
      effect('Asset', 'asset of B', 'B'),
      effect('Account', 'position of A', 'A'),
      other,
    ]),
  );

  const contracts = await lease('Contract');
  const assets = await lease('Asset');
  const [accounts, elsewhere] = [await lease('Account'), await lease('Asset', 'crm2')];
  const waiting = [await waits('Asset'), await waits('Account'), await waits('Contract')];
  const sent = await inTx((tx) => markSent(tx, contracts, 60));
  const applied = sent.map(({ externalId }) => ({ kind: 'applied', externalId, vendorId: 'x', warnings: [] }) as const); // prettier-ignore
  await inTx((tx) => recordResults(tx, sent, applied));
  const later = [await lease('Asset'), await lease('Account')];

  expect([contracts, assets, accounts, elsewhere].map(ids)).toEqual([
    ['contract of A'],
    ['asset of B'],
    [],
    ['elsewhere'],
  ]);
  expect(waiting).toEqual([true, true, false]);
  expect(later.map(ids)).toEqual([['asset of A'], []]);
});

test('F-25: of two workers that choose at the same moment one takes the account, and the other waits', async () => {
  await inTx((tx) => proposeIntents(tx, [effect('Contract', 'c', 'C'), effect('Asset', 'a', 'C')]));

  let second: ReturnType<typeof lease> | undefined;
  const first = await inTx(async (tx) => {
    const limits = { batch: 10, leaseSeconds: 60, parents: PARENTS };
    const chosen = await leasePlanned(tx, { connection: 'crm', object: 'Contract' }, limits);
    second = lease('Asset');
    // Long enough for the other one to choose, if nothing holds it.
    await delay(150);
    return chosen;
  });

  expect([ids(first), ids((await second) ?? [])]).toEqual([['c'], []]);
});
