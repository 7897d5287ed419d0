import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { testStore, type TestStore } from '../../../test/support/database.ts';
import { appendAudit } from '../../audit/audit-log.ts';
import { headFile } from '../../audit/head-file.ts';
import { systemClock, type Clock } from '../../kernel/clock.ts';
import { silentLogger, type LogFields } from '../../kernel/logger.ts';
import { systemCaller } from '../../security/caller.ts';
import { kekFromBytes } from '../../security/kek.ts';
import { auditSweep, sealAudits } from '../seal-audits.ts';
import { verifyAudit } from './verify-audit.ts';

let db: TestStore;
let admin: pg.Client;
let home: string;
const errors: { message: string; fields: LogFields | undefined }[] = [];
const logger = {
  ...silentLogger,
  error: (message: string, fields?: LogFields) => void errors.push({ message, fields }),
};
const kek = kekFromBytes(Buffer.alloc(32, 5));

beforeAll(async () => {
  db = await testStore();
  admin = new pg.Client({ connectionString: db.adminUrl });
  await admin.connect();
  home = await mkdtemp(join(tmpdir(), 'trueup-audit-'));
});
afterAll(async () => {
  await admin.end();
  await db.close();
  await rm(home, { recursive: true });
});

const deps = (clock: Clock = systemClock()) => ({ clock, home, kek, logger, store: db.store });
const verify = () => verifyAudit(deps(), systemCaller(db.tenantId, 'test'));
const write = (subject: string) =>
  db.store.withTenant(db.tenantId, (tx) =>
    appendAudit(tx, {
      actor: 'person:ada',
      action: 'plan.approved',
      subject: { type: 'plan', id: subject },
      details: { total: 1200, share: 0.30000000000000004 },
    }),
  );
const sealAll = () => sealAudits(deps(), { full: true, lagSeconds: 0 });

/** Six sealed events, the head of all of them exported. */
beforeEach(async () => {
  await admin.query('truncate audit_event, audit_seal, audit_head');
  await rm(join(home, 'audit'), { recursive: true, force: true });
  errors.length = 0;
  for (const subject of ['a', 'b', 'c', 'd', 'e', 'f']) await write(subject);
  await sealAll();
});

const eventAt = (seq: number) =>
  `(select event_id from audit_seal where tenant_id = 'acme' and seq = ${seq})`;

describe('audit verify', () => {
  test('finds nothing wrong with an untouched audit, and counts what waits for the sealer', async () => {
    await write('waits');

    const result = await verify();

    expect(result).toMatchObject({
      ok: true,
      sealed: 6,
      unsealed: 1,
      firstBad: null,
      head: { seq: 6 },
    });
  });

  test.each([
    ['an actor', `actor = 'person:eve'`],
    [
      'a figure, in a digit that a double cannot hold',
      `details = '{"total": 1200.00000000000000000001, "share": 0.30000000000000004}'`,
    ],
    ['an instant, by a microsecond', `at = at + interval '1 microsecond'`],
    ['an id of the subject', `subject_id = 'z'`],
  ])('names the event of which a superuser altered %s (F-82)', async (_, change) => {
    await admin.query(`update audit_event set ${change} where id = ${eventAt(3)}`);

    expect(await verify()).toMatchObject({ ok: false, firstBad: { seq: 3, reason: 'altered' } });
  });

  test('names the event that a superuser removed, with or without its seal (F-82)', async () => {
    await admin.query(`delete from audit_event where id = ${eventAt(5)}`);
    const event = await verify();
    await admin.query(`delete from audit_event where id = ${eventAt(2)}`);
    await admin.query(`delete from audit_seal where seq = 2`);
    const both = await verify();

    expect(event).toMatchObject({ ok: false, firstBad: { seq: 5, reason: 'removed' } });
    expect(both).toMatchObject({
      ok: false,
      firstBad: { seq: 2, eventId: null, reason: 'removed' },
    });
  });

  test('names the first of two seals that a superuser exchanged (F-82)', async () => {
    await admin.query(`update audit_seal set seq = -seq where seq in (3, 4)`);
    await admin.query(`update audit_seal set seq = 7 + seq where seq < 0`);

    expect(await verify()).toMatchObject({ ok: false, firstBad: { seq: 3, reason: 'reordered' } });
  });

  test('names the event that a superuser forged in between (F-82)', async () => {
    await admin.query(`insert into audit_event (tenant_id, id, actor, action, subject_type, subject_id)
      values ('acme', 'aud_forged', 'person:ada', 'plan.approved', 'plan', 'x')`);
    await admin.query(`update audit_seal set seq = seq + 100 where seq >= 4`);
    await admin.query(`update audit_seal set seq = seq - 99 where seq >= 104`);
    await admin.query(
      `insert into audit_seal (tenant_id, seq, event_id, hash) values ('acme', 4, 'aud_forged', repeat('ab', 32))`,
    );

    expect(await verify()).toMatchObject({
      ok: false,
      firstBad: { seq: 4, eventId: 'aud_forged', reason: 'inserted' },
    });
  });

  test('sees a tail that was cut along with the head, because the head was exported; nothing is sealed over it (F-82)', async () => {
    await admin.query(`delete from audit_event where id in (${eventAt(5)}, ${eventAt(6)})`);
    await admin.query('delete from audit_seal where seq >= 5');
    await admin.query('truncate audit_head');
    await write('after the cut');

    await sealAll();

    expect(await verify()).toMatchObject({
      ok: false,
      sealed: 4,
      unsealed: 1,
      firstBad: { seq: 5, eventId: null, reason: 'tail_cut' },
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.fields).toMatchObject({ tenant: 'acme' });
  });

  test('sees an audit that was emptied and begun anew (F-82)', async () => {
    await admin.query('truncate audit_event, audit_seal, audit_head');

    expect(await verify()).toMatchObject({
      ok: false,
      sealed: 0,
      firstBad: { seq: 1, reason: 'tail_cut' },
    });
  });

  test('believes no head that was signed by another key, also in the exported file (F-82)', async () => {
    const path = headFile(home, db.tenantId);
    const [line = ''] = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, `${line.replace(/"seq":6/, '"seq":5')}\n`);

    expect(await verify()).toMatchObject({ ok: false, firstBad: { seq: 5, reason: 'bad_head' } });
  });

  test('needs the key-encryption key of this installation', async () => {
    const stranger = { ...deps(), kek: kekFromBytes(Buffer.alloc(32, 6)) };

    const result = await verifyAudit(stranger, systemCaller(db.tenantId, 'test'));

    expect(result).toMatchObject({ ok: false, firstBad: { seq: 6, reason: 'bad_head' } });
  });
});

test('the sweeper seals at once, then about every 30 seconds', async () => {
  let now = Date.parse('2026-03-02T10:00:00Z');
  const sweep = auditSweep(deps({ now: () => new Date(now), today: () => '2026-03-02' }));
  const late = `update audit_event set at = at - interval '1 minute'`;
  const unsealed = async () => (await verify()).unsealed;
  const step = async (subject: string, later: number) => {
    await write(subject);
    await admin.query(`${late} where subject_id = '${subject}'`);
    now += later;
    await sweep();
    return unsealed();
  };

  const waiting = [await step('g', 0), await step('h', 29_000), await step('i', 1_000)];

  expect(waiting).toEqual([0, 1, 0]);
  expect((await verify()).ok).toBe(true);
});
