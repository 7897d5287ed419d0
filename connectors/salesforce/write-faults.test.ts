import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { AsRead } from '../../src/sdk/write.ts';
import {
  control,
  openSalesforce,
  oracleOf,
  startSalesforce,
} from '../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './twin/fixture-world.ts';

let twin: RunningTwin;
let session: ConnectorSession;

beforeAll(async () => {
  twin = await startSalesforce();
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  session = await openSalesforce(twin);
});

const contracts = (count: number, fields: JsonObject = {}) =>
  Array.from({ length: count }, (_, n) => ({
    externalId: `contract-${n}`,
    intentId: `intent-${n}`,
    vendorId: null,
    fields: { AccountId: FIXTURE_IDS.account, StartDate: '2026-04-01', ContractTerm: 12, Status: 'Draft', ...fields }, // prettier-ignore
  }));
const faults = (...rules: readonly object[]) => control(twin, 'PUT', '/faults', { rules });
const advance = () => control(twin, 'POST', '/clock', { advanceSeconds: 5 });
const change = (id: string, fields: JsonObject) =>
  control(twin, 'POST', '/mutate', { object: 'Contract', operation: 'update', id, fields });
const firings = async () => (await control(twin, 'GET', '/firings')) as readonly number[];

/** The same requests as the records are read now. */
async function asRead<T extends { readonly externalId: string }>(requests: readonly T[]) {
  const held = await session.readBack('Contract', requests.map((each) => each.externalId)); // prettier-ignore
  return requests.map((each) => {
    const record = held.find(({ externalId }) => externalId === each.externalId);
    const seen: AsRead | null =
      record === undefined
        ? null
        : { vendorId: record.vendorId, changedAt: record.changedAt ?? null };
    return { ...each, asRead: seen };
  });
}

describe('a batch of which one fails', () => {
  test('F-23: the refused one is rejected with the code of the vendor, and 199 are applied once', async () => {
    await faults({ action: 'partial', match: { object: 'Contract' }, nth: 7 });
    const results = await session.write('Contract', contracts(200));

    expect(results.filter(({ kind }) => kind === 'applied')).toHaveLength(199);
    expect(results[6]).toMatchObject({
      kind: 'rejected',
      externalId: 'contract-6',
      code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    });
    expect(await oracleOf(twin)).toHaveLength(199);
  });

  test('F-23: of 60 updates on a condition one is refused, and its neighbours are written once', async () => {
    await session.write('Contract', contracts(60));
    const renamed = await asRead(contracts(60, { Name: 'Renamed' }));
    await faults({ action: 'partial', match: { object: 'Contract' }, nth: 30 });

    const results = await session.write('Contract', renamed);

    expect(results.filter(({ kind }) => kind === 'applied')).toHaveLength(59);
    expect(results[29]).toMatchObject({ kind: 'rejected', externalId: 'contract-29' });
    expect(await oracleOf(twin)).toHaveLength(60 + 59);
  });
});

describe('rows that are locked', () => {
  test('F-25: are sent again at once, account by account, and all are applied', async () => {
    await faults({ action: 'row_lock', match: { object: 'Contract' }, rate: 0.2, times: 30 });

    const results = await session.write('Contract', contracts(150));

    expect((await firings())[0]).toBeGreaterThan(10);
    const applied = results.filter(({ kind }) => kind === 'applied');
    const locked = results.filter((each) => each.kind === 'retry' && each.code === 'UNABLE_TO_LOCK_ROW'); // prettier-ignore
    expect(applied.length + locked.length).toBe(150);
    expect(await oracleOf(twin)).toHaveLength(applied.length);
    expect(locked.length).toBeLessThan((await firings())[0] ?? 0);
  });

  test('F-25: and stay locked may be tried again later; nothing of them was applied', async () => {
    await faults({ action: 'row_lock', match: { object: 'Contract' }, times: 2 });
    const [locked] = await session.write('Contract', contracts(1));
    const [again] = await session.write('Contract', contracts(1));

    expect(locked).toMatchObject({ kind: 'retry', code: 'UNABLE_TO_LOCK_ROW' });
    expect(again).toMatchObject({ kind: 'applied', externalId: 'contract-0' });
    expect(await oracleOf(twin)).toHaveLength(1);
  });
});

describe('a record that somebody changed after it was read', () => {
  test('F-14: is not written over, its neighbours are, and read anew it is', async () => {
    const made = await session.write('Contract', contracts(3));
    await advance();
    const stale = await asRead(contracts(3, { Name: 'Ours' }));
    const id = made[1]?.kind === 'applied' ? String(made[1].vendorId) : '';
    await advance();
    await change(id, { Description: 'theirs' });

    const results = await session.write('Contract', stale);
    const fresh = await session.write('Contract', (await asRead(contracts(3, { Name: 'Ours' }))).slice(1, 2)); // prettier-ignore

    expect(results.map(({ kind }) => kind)).toEqual(['applied', 'retry', 'applied']);
    expect(results[1]).toMatchObject({ code: 'changed_since_read' });
    expect(fresh).toMatchObject([{ kind: 'applied', vendorId: id }]);
    const written = (await oracleOf(twin)).filter(({ operation }) => operation === 'update');
    const keys = new Set(written.map(({ externalId }) => externalId));
    expect([written.length, keys]).toEqual([
      3,
      new Set(contracts(3).map((each) => each.externalId)),
    ]);
  });

  test('F-14: a record of ours that was deleted after it was read is not made again unseen', async () => {
    const [made] = await session.write('Contract', contracts(1));
    const stale = await asRead(contracts(1));
    const id = made?.kind === 'applied' ? made.vendorId : '';
    await control(twin, 'POST', '/mutate', { object: 'Contract', operation: 'delete', id });

    const [result] = await session.write('Contract', stale);

    expect(result).toMatchObject({ kind: 'retry', code: 'changed_since_read' });
    expect(await oracleOf(twin)).toHaveLength(1);
  });
});

describe('a key that stands on several records', () => {
  test('is settled by reading back, which shows both; nothing is written', async () => {
    const { world } = twice();
    const other = await startSalesforce(world);
    const on = await openSalesforce(other);

    const [result] = await on.write('Contract', contracts(1));
    const held = await on.readBack('Contract', ['contract-0']);
    const seen = await oracleOf(other);
    await other.stop();

    expect(result).toMatchObject({ kind: 'unknown', mayArrive: false, code: 'DUPLICATE_EXTERNAL_ID' }); // prettier-ignore
    expect(held.map(({ vendorId }) => vendorId).toSorted()).toEqual(twice().ids);
    expect(seen).toEqual([]);
  });

  const twice = () => {
    const ids = ['800Tw0000000001MAA', '800Tw0000000002MAA'];
    const base = fixtureWorld();
    const rows = ids.map((Id) => ({
      Id,
      AccountId: FIXTURE_IDS.account,
      Status: 'Draft',
      Trueup_Id__c: 'contract-0',
      CreatedDate: '2026-03-01T08:00:00.000+0000',
    }));
    const { Contract: there = [] } = base.objects;
    return { ids, world: { ...base, objects: { ...base.objects, Contract: [...there, ...rows] } } };
  };
});

describe('a vendor that asks us to wait', () => {
  test('F-17: says until when, on every record that it did not take', async () => {
    await faults({ action: 'status', status: 429, headers: { 'retry-after': '90' }, match: { path: 'composite' }, times: 1 }); // prettier-ignore
    const before = Date.now();

    const results = await session.write('Contract', contracts(2));

    for (const result of results) {
      expect(result).toMatchObject({ kind: 'retry', code: 'rate_limited' });
      const at = result.kind === 'retry' ? Date.parse(result.retryAt ?? '') : 0;
      expect(at - before).toBeGreaterThanOrEqual(89_000);
    }
  });
});
