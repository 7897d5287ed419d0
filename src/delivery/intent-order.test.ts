import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { externalIdOf } from '../kernel/ids.ts';
import { leasePlanned, markSent, nextDue, recordResults, type LeasedIntent } from './dispatch.ts';
import { keepHeld, sentOver } from './held-state.ts';
import { orderIntents } from './intent-order.ts';
import { proposeIntents } from './intents.ts';
import { dueForReadBack, settle } from './settle-intents.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const effect = (object: string, who: string, assigned: boolean) => ({
  connection: 'people',
  object,
  canonicalId: `seat:people/${who}/X`,
  vendorId: `user=${who}`,
  fields: { assigned },
});
const place = (object: string) => ({ connection: 'people', object });
const idOf = (object: string, who: string): string =>
  externalIdOf({ tenantId: db.tenantId, ...effect(object, who, true) });
const LEASE_S = 60;
const lease = (object: string) =>
  inTx((tx) => leasePlanned(tx, place(object), { batch: 10, leaseSeconds: LEASE_S }));
const whose = (intents: readonly LeasedIntent[]) => intents.map(({ vendorId }) => vendorId);

/** Ada's seat is taken, and Bob gets it after her. */
async function reassign(object: string): Promise<void> {
  await inTx(async (tx) => {
    await proposeIntents(tx, [effect(object, 'bob', true), effect(object, 'ada', false)]);
    await orderIntents(tx, [
      { ...place(object), externalId: idOf(object, 'bob'), afterExternalId: idOf(object, 'ada') },
    ]);
  });
}

async function write(leased: readonly LeasedIntent[], kind: 'applied' | 'rejected') {
  await inTx(async (tx) => {
    const sent = await markSent(tx, leased, LEASE_S);
    const results = sent.map(({ externalId, vendorId }) =>
      kind === 'applied'
        ? ({ kind, externalId, vendorId, warnings: [] } as const)
        : ({ kind, externalId, code: 'no', message: 'no', field: null } as const),
    );
    await recordResults(tx, sent, results);
  });
}

const readBack = (object: string) =>
  inTx(async (tx) => {
    const due = await dueForReadBack(tx, place(object), 10);
    await settle(
      tx,
      due.map((intent) => ({ intent, verdict: { kind: 'applied', vendorId: 'v' } as const })),
    );
  });

describe('two records in order', () => {
  test('the later one is leased only once the earlier one was read back as asked', async () => {
    await reassign('a');

    const first = await lease('a');
    await write(first, 'applied');
    const tooEarly = await lease('a');
    await readBack('a');
    const then = await lease('a');

    expect([whose(first), whose(tooEarly), whose(then)]).toEqual([['user=ada'], [], ['user=bob']]);
  });

  test('an earlier one that was refused holds the later one, which is then due at no time', async () => {
    await reassign('b');
    await write(await lease('b'), 'rejected');

    expect(await lease('b')).toEqual([]);
    expect(await inTx((tx) => nextDue(tx, place('b')))).toBeNull();
  });

  test('an order holds for the intents that it was given for, and for none of another record', async () => {
    await reassign('c');
    await inTx((tx) => proposeIntents(tx, [effect('c', 'eve', true)]));

    expect(new Set(whose(await lease('c')))).toEqual(new Set(['user=ada', 'user=eve']));
  });
});

describe('what was there before a write', () => {
  test('is kept by the fence, with the version, and tells whether a later revision was sent', async () => {
    await inTx((tx) => proposeIntents(tx, [effect('d', 'ada', false)]));
    const [intent] = await lease('d');
    if (intent === undefined) throw new Error('Nothing was leased.');
    const record = (version: string) => ({ externalId: '', intentId: null, vendorId: 'user=ada', fields: { assigned: true }, version }); // prettier-ignore

    await inTx((tx) => keepHeld(tx, [{ intent, record: record('W/"1"') }]));
    await inTx((tx) => keepHeld(tx, [{ intent: { ...intent, fence: intent.fence - 1 }, record: record('W/"2"') }])); // prettier-ignore
    const before = await inTx((tx) => sentOver(tx, [intent.id]));
    await write([intent], 'applied');
    await readBack('d');
    await inTx((tx) => proposeIntents(tx, [effect('d', 'ada', true)]));
    await write(await lease('d'), 'applied');
    const after = await inTx((tx) => sentOver(tx, [intent.id]));

    expect(before.get(intent.id)).toEqual({ held: { version: 'W/"1"', fields: { assigned: true } }, overtaken: false, restored: false }); // prettier-ignore
    expect(after.get(intent.id)?.overtaken).toBe(true);
  });
});
