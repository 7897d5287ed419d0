import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { addConnection } from './connections.ts';
import { removeExpired, type IntakeRemoved } from './retention.ts';

const DAYS = { sourceRecordVersions: 30, runs: 30, resolvedErrors: 30, inbox: 30, usageEvents: 30 };

let db: TestStore;
let admin: pg.Client;
beforeAll(async () => {
  db = await testStore();
  admin = new pg.Client({ connectionString: db.adminUrl });
  await admin.connect();
  const connection = { id: 'crm', connector: 'salesforce', role: 'crm', config: {} } as const;
  await db.store.withTenant(db.tenantId, (tx) =>
    addConnection(tx, { ...connection, allowPrivateNetwork: false }),
  );
});
afterAll(async () => {
  await admin.end();
  await db.close();
});
beforeEach(() =>
  admin.query('truncate replay, run, run_stream, inbox, people_hold, people_removal'),
);

const remove = (keep = DAYS): Promise<IntakeRemoved> =>
  db.store.withTenant(db.tenantId, (tx) => removeExpired(tx, keep, 1_000));

async function ids(table: string, column = 'id'): Promise<readonly string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `select ${column} as id from ${table} order by 1`,
  );
  return rows.map((row) => row.id);
}

/** A certified read of one stream that ended so many days ago. */
async function addRun(id: string, daysAgo: number): Promise<void> {
  const ended = `now() - interval '${daysAgo} days'`;
  await admin.query(`insert into run (tenant_id, id, connection, trigger, requested_by, status, started_at, finished_at)
    values ('acme', '${id}', 'crm', 'schedule', 'test', 'succeeded', ${ended}, ${ended})`);
  await admin.query(`insert into run_stream (tenant_id, run_id, stream, status, finished_at)
    values ('acme', '${id}', 'Users', 'succeeded', ${ended})`);
}

interface LostRow {
  readonly id: string;
  readonly status: string;
  readonly daysAgo: number;
  readonly holdId?: string;
  readonly runId?: string;
}

async function addLost({ id, status, daysAgo, holdId, runId = 'r' }: LostRow): Promise<void> {
  const settled = ['applied', 'withdrawn'].includes(status)
    ? `now() - interval '${daysAgo} days'`
    : 'null';
  await admin.query(`insert into people_removal (tenant_id, connection, stream, record_id, run_id, kind, status, hold_id, noticed_at, settled_at)
    values ('acme', 'crm', 'Users', '${id}', '${runId}', 'deactivated', '${status}', ${holdId === undefined ? 'null' : `'${holdId}'`},
      now() - interval '${daysAgo} days', ${settled})`);
}

async function addHold(id: string, status: string, daysAgo: number): Promise<void> {
  const decided = status === 'open' ? 'null' : `now() - interval '${daysAgo} days'`;
  await admin.query(`insert into people_hold (tenant_id, id, connection, status, cap, active_accounts, opened_at, decided_at)
    values ('acme', '${id}', 'crm', '${status}', 10, 100, now() - interval '${daysAgo} days', ${decided})`);
}

describe('lost accounts', () => {
  test('go by the day on which they were settled, and a decided hold after the last of them', async () => {
    await addHold('hld_old', 'confirmed', 40);
    await addHold('hld_kept', 'rejected', 40);
    await addHold('hld_open', 'open', 40);
    for (const [id, status, daysAgo, holdId] of [
      ['old', 'applied', 31, undefined],
      ['young', 'applied', 29, undefined],
      ['of-old', 'applied', 40, 'hld_old'],
      ['refused', 'kept', 40, 'hld_kept'],
      ['waiting', 'held', 40, 'hld_open'],
      ['given-back', 'withdrawn', 40, 'hld_open'],
      ['noticed', 'noticed', 40, undefined],
    ] as const)
      await addLost({ id, status, daysAgo, ...(holdId === undefined ? {} : { holdId }) });

    const removed = await remove();

    expect([removed.peopleRemovals, removed.peopleHolds]).toEqual([2, 1]);
    expect(await ids('people_removal', 'record_id')).toEqual(['given-back', 'noticed', 'refused', 'waiting', 'young']); // prettier-ignore
    expect(await ids('people_hold')).toEqual(['hld_kept', 'hld_open']);
  });

  test('stay for as long as a company may count them, however short it keeps the rest', async () => {
    await addLost({ id: 'counted', status: 'applied', daysAgo: 29 });

    await remove({ ...DAYS, resolvedErrors: 1 });

    expect(await ids('people_removal', 'record_id')).toEqual(['counted']);
  });

  test('that wait keep the run whose pages they are to be mapped with', async () => {
    for (const [at, id] of ['first', 'waited-for', 'done-with', 'last'].entries())
      await addRun(id, 90 - at);
    await addLost({ id: 'waiting', status: 'kept', daysAgo: 80, runId: 'waited-for' });
    await addLost({ id: 'done', status: 'applied', daysAgo: 80, runId: 'done-with' });

    await remove();

    expect(await ids('run')).toEqual(['first', 'last', 'waited-for']);
  });
});

test('hints of change events that were acted on go as pushes do', async () => {
  await admin.query(`insert into inbox (tenant_id, connection, event_id, object, record_id, body_hash, source, received_at, processed_at)
    values ('acme', 'crm', 'event', 'Account', '*', '', 'event', now() - interval '31 days', now() - interval '31 days')`);

  expect((await remove()).inbox).toBe(1);
});
