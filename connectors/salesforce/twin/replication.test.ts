import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningTwin } from '../../../src/sdk/define-twin.ts';
import { control, signIn, startSalesforce } from '../../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './fixture-world.ts';

const V = '/services/data/v67.0';

let twin: RunningTwin;
let send: Awaited<ReturnType<typeof signIn>>;

const mutate = (mutation: object) => control(twin, 'POST', '/mutate', mutation);
const faults = (...rules: readonly object[]) => control(twin, 'PUT', '/faults', { rules });
const replicate = (object: string, kind: string, start: string, end: string, on = send) =>
  on(`${V}/sobjects/${object}/${kind}/?start=${encodeURIComponent(start)}&end=${encodeURIComponent(end)}`); // prettier-ignore
const deleted = (object: string, start = '2026-03-02T08:00:00+00:00', end = '2026-03-02T10:00:00Z') =>
  replicate(object, 'deleted', start, end); // prettier-ignore
const rows = async (soql: string, resource = 'queryAll') =>
  (await send(`${V}/${resource}?q=${encodeURIComponent(soql)}`)).body.records;

beforeAll(async () => {
  twin = await startSalesforce();
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  await control(twin, 'POST', '/clock', { now: '2026-03-02T09:00:00Z' });
  send = await signIn(twin);
});

describe('the recycle bin', () => {
  test('what is purged is gone from queryAll and still in getDeleted', async () => {
    await mutate({ object: 'Order', operation: 'purge', id: FIXTURE_IDS.order });

    expect(await rows('SELECT Id FROM Order')).toEqual([]);
    expect((await deleted('Order')).body.deletedRecords).toMatchObject([
      { id: FIXTURE_IDS.order, deletedDate: '2026-03-02T09:00:00.000+0000' },
    ]);
    expect((await deleted('OrderItem')).body.deletedRecords).toMatchObject([
      { id: FIXTURE_IDS.orderItem },
    ]);
  });

  test('an undelete brings back the record, what went with it, and the total, under new stamps', async () => {
    await mutate({ object: 'Order', operation: 'delete', id: FIXTURE_IDS.order });
    await control(twin, 'POST', '/clock', { advanceSeconds: 60 });
    await mutate({ object: 'Order', operation: 'undelete', id: FIXTURE_IDS.order });

    expect(await rows('SELECT Id, TotalAmount FROM Order', 'query')).toMatchObject([
      { Id: FIXTURE_IDS.order, TotalAmount: 1185 },
    ]);
    expect(await rows('SELECT SystemModstamp FROM OrderItem', 'query')).toMatchObject([
      { SystemModstamp: expect.stringContaining('T09:01:00') },
    ]);
  });

  test('a live record is not undeleted', async () => {
    const id = FIXTURE_IDS.order;

    await expect(mutate({ object: 'Order', operation: 'undelete', id })).rejects.toThrow(
      'UNDELETE_FAILED',
    );
  });
});

describe('merging', () => {
  test('the losing account says who its master is, and its children say so by their stamps', async () => {
    await mutate({ object: 'Account', operation: 'merge', id: FIXTURE_IDS.account, into: FIXTURE_IDS.parentAccount }); // prettier-ignore

    expect(
      await rows('SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true'),
    ).toMatchObject([{ Id: FIXTURE_IDS.account, MasterRecordId: FIXTURE_IDS.parentAccount }]);
    for (const object of ['Opportunity', 'Contract', 'Order', 'Asset']) {
      expect(await rows(`SELECT AccountId, SystemModstamp FROM ${object}`)).toMatchObject([
        {
          AccountId: FIXTURE_IDS.parentAccount,
          SystemModstamp: expect.stringContaining('2026-03-02T09:00'),
        },
      ]);
    }
  });

  test('an object without a master record cannot be merged', async () => {
    const { order: id, contract: into } = FIXTURE_IDS;

    await expect(mutate({ object: 'Order', operation: 'merge', id, into })).rejects.toThrow(
      'INVALID_CROSS_REFERENCE_KEY',
    );
  });
});

describe('the replication calls', () => {
  test('leave out seconds, and cover up to the last whole minute', async () => {
    await control(twin, 'POST', '/clock', { now: '2026-03-02T09:00:30Z' });
    await mutate({ object: 'Asset', operation: 'delete', id: FIXTURE_IDS.asset });
    const before = await deleted('Asset', '2026-03-02T08:00:00Z', '2026-03-02T09:00:59Z');
    const after = await deleted('Asset', '2026-03-02T08:00:00Z', '2026-03-02T09:01:00Z');

    expect(before.body.deletedRecords).toEqual([]);
    expect(after.body.deletedRecords).toHaveLength(1);
    expect(after.body.latestDateCovered).toBe('2026-03-02T09:00:00.000+0000');
    expect(after.body.earliestDateAvailable).toBe('2026-02-15T09:00:00.000+0000');
  });

  test('getUpdated names what was changed in the time and is not deleted', async () => {
    await mutate({ object: 'Account', operation: 'update', id: FIXTURE_IDS.account, fields: { Name: 'N' } }); // prettier-ignore
    await mutate({ object: 'Account', operation: 'delete', id: FIXTURE_IDS.parentAccount });
    const answer = await replicate('Account', 'updated', '2026-03-02T09:00:00Z', '2026-03-02T09:02:00Z'); // prettier-ignore

    expect(answer.body.ids).toEqual([FIXTURE_IDS.account]);
  });

  test('a transaction that still runs holds back what is covered and what is listed', async () => {
    await control(twin, 'POST', '/clock', { now: '2026-03-02T09:30:00Z' });
    await mutate({ object: 'Asset', operation: 'delete', id: FIXTURE_IDS.asset });
    await faults({ action: 'late', match: { object: 'Asset' }, with: { seconds: 1200 } });
    const lagging = await deleted('Asset');
    await faults();
    const whole = await deleted('Asset');

    expect(lagging.body).toMatchObject({
      deletedRecords: [],
      latestDateCovered: '2026-03-02T09:10:00.000+0000',
    });
    expect(whole.body.deletedRecords).toHaveLength(1);
  });

  test.each([
    ['more than 15 days ago', '2026-02-15T08:58:00Z', '2026-03-02T09:00:00Z'],
    ['no minute long', '2026-03-02T09:00:00Z', '2026-03-02T09:00:59Z'],
  ])('a time that is %s is INVALID_REPLICATION_DATE', async (_, start, end) => {
    const answer = await deleted('Asset', start, end);

    expect([answer.status, answer.body[0].errorCode]).toEqual([400, 'INVALID_REPLICATION_DATE']);
  });

  test('more ids than one answer may hold are EXCEEDED_ID_LIMIT', async () => {
    const small = await startSalesforce(fixtureWorld({ idLimit: 1 }));
    const on = await signIn(small);
    const answer = await replicate('Account', 'updated', '2026-02-20T00:00:00Z', '2026-02-21T00:00:00Z', on); // prettier-ignore
    await small.stop();

    expect([answer.status, answer.body[0].errorCode]).toEqual([400, 'EXCEEDED_ID_LIMIT']);
  });
});

describe('a late commit', () => {
  const renamed = { object: 'Account', operation: 'update', id: FIXTURE_IDS.account, fields: { Name: 'Late' } }; // prettier-ignore
  const stamp = async () =>
    (await rows(`SELECT SystemModstamp FROM Account WHERE Id = '${FIXTURE_IDS.account}'`))[0]
      .SystemModstamp;

  test('shows under a stamp that is older than now, by mutation or by fault', async () => {
    await mutate({ ...renamed, lateSeconds: 300 });
    const byMutation = await stamp();
    await control(twin, 'POST', '/reset');
    await faults({ action: 'late', match: { object: 'Account' }, with: { seconds: 600 } });
    await mutate(renamed);

    expect(byMutation).toMatch(/T08:55:0/);
    expect(await stamp()).toMatch(/T08:50:0/);
  });

  test('never sets a record back behind its own last change', async () => {
    await mutate(renamed);
    await mutate({ ...renamed, lateSeconds: 3600 });

    expect(await stamp()).toMatch(/T09:00:0/);
  });
});
