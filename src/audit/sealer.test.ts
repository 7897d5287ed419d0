import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { appendAudit } from './audit-log.ts';
import { checkAudit } from './check-audit.ts';
import { signerFromSeed, type AuditHead } from './head.ts';
import { headToExport, sealPending, type SealOptions, type SealResult } from './sealer.ts';

const signer = signerFromSeed(Buffer.alloc(32, 3));
const NOW: SealOptions = { exported: null, full: true, limit: 1_000, lagSeconds: 0 };

let db: TestStore;
let admin: pg.Client;
beforeAll(async () => {
  db = await testStore();
  admin = new pg.Client({ connectionString: db.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await db.close();
});

const write = (subject: string, tenant = db.tenantId) =>
  db.store.withTenant(tenant, (tx) =>
    appendAudit(tx, {
      actor: 'person:ada',
      action: 'plan.approved',
      subject: { type: 'plan', id: subject },
      details: { share: 0.1, note: 'Köln' },
    }),
  );
const seal = (options: Partial<SealOptions> = {}, tenant = db.tenantId): Promise<SealResult> =>
  db.store.withTenant(tenant, (tx) => sealPending(tx, signer, { ...NOW, ...options }));
const check = (exported: readonly AuditHead[] = []) =>
  db.store.readTenant(db.tenantId, (tx) =>
    checkAudit(tx, { publicKey: signer.publicKey, exported }),
  );

async function empty(): Promise<void> {
  await admin.query('truncate audit_event, audit_seal, audit_head');
}

describe('the sealer', () => {
  test('chains every event once and leaves a head that fits', async () => {
    await empty();
    for (const each of ['a', 'b', 'c']) await write(each);

    const first = await seal({ limit: 2 });
    const second = await seal({ limit: 2 });
    const third = await seal({ limit: 2 });

    expect([first, second, third]).toEqual([2, 1, 0].map((count) => ({ kind: 'sealed', count })));
    expect(await check()).toMatchObject({
      ok: true,
      sealed: 3,
      unsealed: 0,
      firstBad: null,
      head: { seq: 3, tenant: 'acme' },
    });
  });

  test('leaves events that are younger than the lag, and says how many', async () => {
    await empty();
    await write('young');

    const result = await seal({ lagSeconds: 60 });

    expect(result).toEqual({ kind: 'sealed', count: 0 });
    expect(await check()).toMatchObject({ ok: true, sealed: 0, unsealed: 1, head: null });
  });

  test('leaves out no event of a transaction that commits after later events were sealed', async () => {
    await empty();
    let commit = (): void => undefined;
    let written = (): void => undefined;
    const isWritten = new Promise<void>((resolve) => (written = resolve));
    const late = db.store.withTenant(db.tenantId, async (tx) => {
      await appendAudit(tx, {
        actor: 'person:ada',
        action: 'plan.approved',
        subject: { type: 'plan', id: 'late' },
      });
      written();
      await new Promise<void>((resolve) => (commit = resolve));
    });
    await isWritten;
    await write('in time');
    const before = await seal();
    commit();
    await late;

    const after = await seal({ full: false });

    expect([before, after]).toEqual([1, 1].map((count) => ({ kind: 'sealed', count })));
    const { rows } = await admin.query(
      `select e.subject_id as subject from audit_seal s join audit_event e on e.id = s.event_id order by s.seq`,
    );
    expect(rows.map((row) => row.subject)).toEqual(['in time', 'late']);
    expect(await check()).toMatchObject({ ok: true, sealed: 2, unsealed: 0 });
  });

  test('finds an event of many days ago only by a full search, and so still finds it', async () => {
    await empty();
    await write('old');
    await admin.query(`update audit_event set at = now() - interval '3 days'`);

    const recent = await seal({ full: false });
    const full = await seal({ full: true });

    expect([recent, full]).toEqual([0, 1].map((count) => ({ kind: 'sealed', count })));
  });

  test('works alone: of many at once each event is sealed by one, and the chain stays whole', async () => {
    await empty();
    for (let n = 0; n < 60; n += 1) await write(`n${n}`);

    const results = await Promise.all(Array.from({ length: 12 }, () => seal({ limit: 10 })));
    while ((await check()).unsealed > 0) await seal({ limit: 10 });

    expect(results.some((result) => result.kind === 'sealed')).toBe(true);
    expect(await check()).toMatchObject({ ok: true, sealed: 60, unsealed: 0 });
  });

  test('keeps the chains of two companies apart', async () => {
    await empty();
    await write('ours');
    await write('theirs', db.otherTenantId);

    await seal();
    await seal({}, db.otherTenantId);

    const { rows } = await admin.query(
      'select tenant_id as tenant, seq from audit_seal order by 1',
    );
    expect(rows).toEqual([
      { tenant: 'acme', seq: '1' },
      { tenant: 'globex', seq: '1' },
    ]);
    expect(await check()).toMatchObject({ ok: true, sealed: 1 });
  });

  test.each([
    ['the last seal is gone', `delete from audit_seal where seq = 2`],
    ['the last seal was changed', `update audit_seal set hash = repeat('ab', 32) where seq = 2`],
    [
      'a seal was added',
      `insert into audit_seal (tenant_id, seq, event_id, hash) values ('acme', 3, 'aud_x', repeat('ab', 32))`,
    ],
    ['the head is gone', `delete from audit_head`],
    ['the head was changed', `update audit_head set hash = repeat('ab', 32)`],
  ])('adds nothing to a chain where %s (F-82)', async (_, tamper) => {
    await empty();
    await write('a');
    await write('b');
    await seal();
    await admin.query(tamper);
    await write('c');

    const result = await seal();

    expect(result.kind).toBe('broken');
    expect((await check()).ok).toBe(false);
  });

  test('adds nothing to a chain that was cut together with its head, when a head was exported (F-82)', async () => {
    await empty();
    await write('a');
    await seal();
    const early = (await check()).head;
    await write('b');
    await seal();
    const exported = (await check()).head;
    await admin.query(`delete from audit_seal where seq = 2`);
    await admin.query(`delete from audit_event where subject_id = 'b'`);
    await admin.query('update audit_head set seq = $1, hash = $2, at = $3, signature = $4', [
      early?.seq,
      early?.hash,
      early?.at,
      early?.signature,
    ]);

    const result = await seal({ exported });

    expect(result).toMatchObject({ kind: 'broken' });
    expect(await check()).toMatchObject({ ok: true });
    expect(await check(exported === null ? [] : [exported])).toMatchObject({
      ok: false,
      firstBad: { seq: 2, reason: 'tail_cut' },
    });
  });

  test('exports the first head at once, none twice, and a later one when the last is 5 minutes old', async () => {
    await empty();
    const due = (exported: AuditHead | null) =>
      db.store.readTenant(db.tenantId, (tx) => headToExport(tx, exported));
    await write('a');
    await seal();
    const first = await due(null);
    if (first === null) throw new Error('no head was due');
    const same = await due(first);
    await write('b');
    await seal();

    const soon = await due(first);
    const later = await due({
      ...first,
      at: new Date(Date.parse(first.at) - 300_000).toISOString(),
    });

    expect([first.seq, same, soon, later?.seq]).toEqual([1, null, null, 2]);
  });
});

test('the program itself may neither change nor remove an event or a seal', async () => {
  for (const sql of [
    'update audit_event set actor = actor',
    'delete from audit_event',
    'update audit_seal set seq = seq',
    'delete from audit_seal',
  ]) {
    await expect(db.store.withTenant(db.tenantId, (tx) => tx.run(sql))).rejects.toThrow(
      'permission denied',
    );
  }
});
