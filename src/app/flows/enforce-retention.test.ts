import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { testStore, type TestStore } from '../../../test/support/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { addConnection } from '../../intake/connections.ts';
import { systemCaller } from '../../security/caller.ts';
import { saveSetting } from '../company-settings.ts';
import { retentionSweep } from '../retention-sweep.ts';
import { enforceRetention } from './enforce-retention.ts';

const DAYS = { sourceRecordVersions: 30, runs: 30, resolvedErrors: 30, inbox: 30, usageEvents: 30 };

let db: TestStore;
let admin: pg.Client;
beforeAll(async () => {
  db = await testStore();
  admin = new pg.Client({ connectionString: db.adminUrl });
  await admin.connect();
  for (const tenant of [db.tenantId, db.otherTenantId]) {
    await db.store.withTenant(tenant, (tx) =>
      addConnection(tx, {
        id: 'crm',
        connector: 'salesforce',
        role: 'crm',
        config: {},
        allowPrivateNetwork: false,
      }),
    );
  }
  await db.store.withTenant(db.tenantId, (tx) =>
    saveSetting(tx, 'retention', DAYS, 'person:usr_ada'),
  );
});
afterAll(async () => {
  await admin.end();
  await db.close();
});
beforeEach(() =>
  admin.query(
    'truncate replay, run, run_stream, run_page, stream_checkpoint, quarantine, inbox, source_record, source_record_version, audit_event',
  ),
);

const enforce = (bounds: { rounds: number; rows?: number } = { rounds: 100 }) =>
  enforceRetention({ store: db.store }, systemCaller(db.tenantId, 'retention'), bounds);

interface RunRow {
  readonly id: string;
  readonly daysAgo: number;
  readonly stream?: string;
  readonly status?: 'succeeded' | 'failed' | 'running';
  readonly mapped?: boolean;
  readonly tenant?: string;
}

async function addRun({
  id,
  daysAgo,
  stream = 'Account',
  status = 'succeeded',
  mapped = true,
  tenant = 'acme',
}: RunRow): Promise<void> {
  const ended = status === 'running' ? 'null' : `now() - interval '${daysAgo} days'`;
  await admin.query(`insert into run (tenant_id, id, connection, trigger, requested_by, status, started_at, finished_at)
    values ('${tenant}', '${id}', 'crm', 'schedule', 'test', '${status}', now() - interval '${daysAgo} days', ${ended})`);
  await admin.query(`insert into run_stream (tenant_id, run_id, stream, status, finished_at)
    values ('${tenant}', '${id}', '${stream}', '${status === 'running' ? 'reading' : status}', ${ended})`);
  await admin.query(`insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given, landed_at, mapped_at)
    values ('${tenant}', '${id}', '${stream}', 0, '{x}', '{c}', 1, now() - interval '${daysAgo} days', ${mapped ? 'now()' : 'null'})`);
}

async function ids(table: string, column = 'id'): Promise<readonly string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `select ${column} as id from ${table} order by 1`,
  );
  return rows.map((row) => row.id);
}

describe('runs', () => {
  test('older than their retention go with their streams and pages, younger ones stay', async () => {
    for (const [id, daysAgo] of [
      ['first', 90],
      ['old-1', 80],
      ['old-2', 70],
      ['young', 29],
      ['last', 1],
    ] as const)
      await addRun({ id, daysAgo });

    const { removed, done } = await enforce();

    expect({ removed: removed.runs, done }).toEqual({ removed: 2, done: true });
    for (const [table, column] of [
      ['run', 'id'],
      ['run_stream', 'run_id'],
      ['run_page', 'run_id'],
    ] as const) {
      expect(await ids(table, column)).toEqual(['first', 'last', 'young']);
    }
  });

  test('stay while a page waits for mapping, while they run, or when a checkpoint or an open error names them', async () => {
    await addRun({ id: 'first', daysAgo: 99 });
    for (const id of ['checkpoint', 'error', 'solved']) await addRun({ id, daysAgo: 80 });
    await addRun({ id: 'unmapped', daysAgo: 80, mapped: false });
    await addRun({ id: 'running', daysAgo: 80, status: 'running' });
    await addRun({ id: 'last', daysAgo: 1 });
    await admin.query(
      `insert into stream_checkpoint (tenant_id, connection, stream, run_id) values ('acme', 'crm', 'Account', 'checkpoint')`,
    );
    await addError({ id: 'err_1', runId: 'error', status: 'open', daysAgo: 80 });
    await addError({ id: 'err_2', runId: 'solved', status: 'resolved', daysAgo: 80 });

    await enforce();

    expect(await ids('run')).toEqual([
      'checkpoint',
      'error',
      'first',
      'last',
      'running',
      'unmapped',
    ]);
  });

  test('stay when they hold the first or the last certified, or the last ended, read of one of their streams', async () => {
    await addRun({ id: 'a-1-first-certified', daysAgo: 95 });
    await addRun({ id: 'a-2', daysAgo: 90 });
    await addRun({ id: 'a-3-last-certified', daysAgo: 85 });
    await addRun({ id: 'a-4', daysAgo: 80, status: 'failed' });
    await addRun({ id: 'a-5-last-ended', daysAgo: 75, status: 'failed' });
    await addRun({ id: 'b-only', daysAgo: 99, stream: 'Order' });

    await enforce();

    expect(await ids('run')).toEqual([
      'a-1-first-certified',
      'a-3-last-certified',
      'a-5-last-ended',
      'b-only',
    ]);
  });

  test('of another company are judged by its own retention', async () => {
    for (const id of ['1', '2', '3'])
      await addRun({ id, daysAgo: 100 - Number(id), tenant: 'globex' });

    await enforce();

    expect(await ids('run')).toEqual(['1', '2', '3']);
  });
});

async function addError(row: {
  id: string;
  runId: string;
  status: string;
  daysAgo: number;
}): Promise<void> {
  const ended = row.status === 'open' ? 'null' : `now() - interval '${row.daysAgo} days'`;
  await admin.query(`insert into quarantine (tenant_id, id, stage, connection, stream, record_id, run_id, outcome, code, reason, status, opened_at, resolved_at)
    values ('acme', '${row.id}', 'mapping', 'crm', 'Account', '${row.id}', '${row.runId}', 'quarantined', 'x', 'x', '${row.status}',
      now() - interval '${row.daysAgo} days', ${ended})`);
}

test('resolved errors go by the day of their resolution, open ones never', async () => {
  await addError({ id: 'open', runId: 'r', status: 'open', daysAgo: 500 });
  await addError({ id: 'resolved-old', runId: 'r', status: 'resolved', daysAgo: 31 });
  await addError({ id: 'resolved-young', runId: 'r', status: 'resolved', daysAgo: 29 });

  const { removed } = await enforce();

  expect(removed.resolvedErrors).toBe(1);
  expect(await ids('quarantine')).toEqual(['open', 'resolved-young']);
});

test('served pushes go, one that was never served stays', async () => {
  for (const [id, days, served] of [
    ['old', 31, true],
    ['unserved', 31, false],
    ['young', 29, true],
  ] as const) {
    await admin.query(`insert into inbox (tenant_id, connection, event_id, object, record_id, body_hash, received_at, processed_at)
      values ('acme', 'crm', '${id}', 'Account', 'x', 'x', now() - interval '${days} days', ${served ? 'now()' : 'null'})`);
  }

  const { removed } = await enforce();

  expect(removed.inbox).toBe(1);
  expect(await ids('inbox', 'event_id')).toEqual(['unserved', 'young']);
});

async function addVersion(id: string, replacedDaysAgo: number): Promise<void> {
  await admin.query(`insert into source_record_version (tenant_id, connection, stream, record_id, landed_at, content_hash, deleted, data, run_id, replaced_at)
    values ('acme', 'crm', 'Account', '${id}', now() - interval '900 days', 'x', false, '{}', 'r', now() - interval '${replacedDaysAgo} days')`);
}

test('former contents go by the day on which they were replaced; the current content stays however old it is', async () => {
  await addVersion('old', 31);
  await addVersion('young', 29);
  await admin.query(`insert into source_record (tenant_id, connection, stream, record_id, content_hash, deleted, data, run_id, landed_at)
    values ('acme', 'crm', 'Account', 'old', 'y', false, '{}', 'r', now() - interval '900 days')`);

  const { removed } = await enforce();

  expect(removed.sourceRecordVersions).toBe(1);
  expect(await ids('source_record_version', 'record_id')).toEqual(['young']);
  expect(await ids('source_record', 'record_id')).toEqual(['old']);
});

test('each transaction removes a bounded number of rows and is audited with its counts; none is audited for nothing', async () => {
  for (let n = 0; n < 5; n += 1) await addVersion(`v${n}`, 40);

  const first = await enforce({ rounds: 1, rows: 2 });
  const rest = await enforce({ rounds: 10, rows: 2 });
  await enforce();

  expect([
    first.removed.sourceRecordVersions,
    first.done,
    rest.removed.sourceRecordVersions,
    rest.done,
  ]).toEqual([2, false, 3, true]);
  const { rows } = await admin.query(
    `select actor, action, details #>> '{removed,sourceRecordVersions}' as removed from audit_event order by id`,
  );
  expect(rows).toEqual(
    ['2', '2', '1'].map((removed) => ({
      actor: 'system:retention',
      action: 'retention.enforced',
      removed,
    })),
  );
});

test('the sweeper enforces it about once an hour', async () => {
  let now = Date.parse('2026-03-02T10:00:00Z');
  const clock: Clock = { now: () => new Date(now), today: () => '2026-03-02' };
  const sweep = retentionSweep({ store: db.store, clock, logger: silentLogger });
  const step = async (id: string, later: number) => {
    await addVersion(id, 40);
    now += later;
    for (let n = 0; n < 4; n += 1) await sweep();
    return (await ids('source_record_version', 'record_id')).length;
  };

  const left = [await step('a', 0), await step('b', 3_599_000), await step('c', 1_000)];

  expect(left).toEqual([0, 1, 0]);
});
