import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeCliHome, type CliHome } from '../../test/support/cli.ts';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { runReconciliation } from '../app/flows/run-reconciliation.ts';
import { tendCycles } from '../app/flows/tend-cycles.ts';
import { decideFacts } from '../ledger/facts.ts';
import { cycleRecord } from '../licensing/cycles/cycle-record.ts';

// Two part numbers on 2026-03-02, both with fewer rights than seats: each test takes up what the one before it left.

let staffed: StaffedApi;
let cli: CliHome;
let id: string;
let figPosition: string;
let firstHash: string;

const context = { tenantId: 'acme', signal: AbortSignal.timeout(600_000), hold: async () => {} };
const call = (who: string, method: string, path: string, body?: object) =>
  staffed.call(who, method, path, body);
const on = (who: string, verb: string, body: object = {}, cycle = id) =>
  call(who, 'POST', `reconciliation-cycles/${cycle}:${verb}`, body);
const verify = () => call('Vera', 'POST', `reconciliation-cycles/${id}:verify`);
const show = async (cycle = id) =>
  (await call('Vera', 'GET', `reconciliation-cycles/${cycle}`)).body;
const variances = async (cycle = id) =>
  (await call('Vera', 'GET', `reconciliation-cycles/${cycle}/variances`)).body.data;
const statement = async (cycle = id) =>
  (await call('Vera', 'GET', `reconciliation-cycles/${cycle}/statement`)).body;
const trueup = async (who: string, ...args: readonly string[]) =>
  cli.run(['cycles', ...args, '--url', staffed.api.url], { TRUEUP_KEY: staffed.keyOf(who) });

/** Does what the worker does with the run that a cycle waits for. */
async function work(cycle = id) {
  const { runId: reconciliationId, asOf, knownAt } = (await show(cycle)).now;
  await runReconciliation(staffed.api.deps, context, { reconciliationId, asOf, knownAt });
}

async function open(body: object, who = 'Lena'): Promise<string> {
  const answer = await call(who, 'POST', 'reconciliation-cycles', body);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body.id;
}

const grant = (sku: string, quantity: string) =>
  staffed.inTx(async (tx) => {
    await decideFacts(tx, 'entitlementTransaction', [
      { externalRef: `g-${sku}`, entitlementRef: `e-${sku}`, type: 'grant', quantityDelta: quantity, reason: 'order', validFrom: '2026-01-01' },
    ], { externalRefs: [`g-${sku}`] }); // prettier-ignore
  });

beforeAll(async () => {
  staffed = await staffedApi({
    Lena: ['licence-manager'], Luis: ['licence-manager'], Fay: ['finance'], Vera: ['viewer'], Adam: ['admin'],
  }); // prettier-ignore
  cli = await makeCliHome();
  await staffed.inTx(async (tx) => {
    await decideFacts(tx, 'sku', [
      { externalRef: 'FIG', skuCode: 'FIG', name: 'Figment', publisherName: 'Fable', metricCode: 'user_subscription', rightsPerPack: 1, active: true },
      { externalRef: 'ZED', skuCode: 'ZED', name: 'Zed', publisherName: 'Zoo', metricCode: 'user_subscription', rightsPerPack: 1, active: true },
    ]); // prettier-ignore
    await decideFacts(tx, 'entitlement', ['FIG', 'ZED'].map((sku) => ({
      externalRef: `e-${sku}`, posture: 'licensee' as const, skuCode: sku, ownerRef: 'own', status: 'active' as const, unlimited: false, unitPrice: '100', currency: 'EUR',
    }))); // prettier-ignore
    await decideFacts(tx, 'seatAssignment', ['FIG', 'ZED'].flatMap((sku) => ['u0', 'u1', 'u2'].map((user) => ({
      externalRef: `${user}/${sku}`, posture: 'licensee' as const, skuCode: sku, userAccountRef: user, active: true,
    })))); // prettier-ignore
  });
  await grant('FIG', '1');
  await grant('ZED', '2');
}, 240_000);
afterAll(async () => {
  await cli?.stop();
  await staffed?.close();
});

describe('a cycle', () => {
  test('is opened by those who may, for a period that fits', async () => {
    const body = { name: 'February', frequency: 'monthly', from: '2026-02-01', scope: { kind: 'publisher', ref: 'Fable' } }; // prettier-ignore
    const viewer = await call('Vera', 'POST', 'reconciliation-cycles', body);
    const odd = await call('Lena', 'POST', 'reconciliation-cycles', { ...body, to: '2026-02-20' });
    const nobody = await call('Lena', 'POST', 'reconciliation-cycles', {
      ...body,
      owner: 'usr_no',
    });
    id = await open({ ...body, owner: staffed.people.get('Luis') });

    expect([viewer.status, odd.status, nobody.status]).toEqual([403, 422, 404]);
    expect(await show()).toMatchObject({
      status: 'collecting', round: 0, period: { from: '2026-02-01', to: '2026-03-01' }, owner: staffed.people.get('Luis'),
      now: null, blockers: [{ kind: 'not_computed' }], history: [{ step: 'opened' }],
    }); // prettier-ignore
  });

  test('is not reviewed, signed or stated before its figures are there', async () => {
    const early = await Promise.all([
      on('Lena', 'review', { subjects: ['finding:x'], decision: 'noted', reason: 'r' }),
      on('Fay', 'sign', { role: 'finance', statementHash: 'a'.repeat(64) }),
      on('Lena', 'reopen', { reason: 'r' }),
      call('Vera', 'GET', `reconciliation-cycles/${id}/statement`),
    ]);

    expect(early.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
  });

  test('computes data that are not whole only when somebody takes them so, and says which and why', async () => {
    const files = {
      name: 'files',
      connector: 'file',
      config: { directory: '/nowhere' },
      check: false,
    };
    expect((await call('Adam', 'POST', 'connections', files)).status).toBe(201);
    const refused = await on('Lena', 'compute');
    const outside = await on('Lena', 'compute', { asOf: '2026-03-01', acceptGaps: 'r' });
    const taken = await on('Lena', 'compute', { acceptGaps: 'the files come on Friday' });
    const pending = await show();
    await work();
    const done = await show();

    expect([refused.status, outside.status, taken.status]).toEqual([422, 422, 202]);
    expect(refused.body.detail).toMatch(/files\/\w+: it was never read/);
    expect([pending.status, pending.now.computedAt]).toEqual(['collecting', null]);
    expect(done).toMatchObject({ status: 'computed', round: 1, now: { asOf: '2026-02-28', gateReason: 'the files come on Friday' } }); // prettier-ignore
    expect(done.now.gate[0]).toMatchObject({ connection: 'files', problem: 'never_read' });
  });

  test('looks at its scope only, and keeps what did not agree as it stood', async () => {
    const found = await variances();
    figPosition = found.find(({ subject }: { subject: string }) => subject.startsWith('position:')).subject; // prettier-ignore
    await grant('FIG', '3');

    expect(new Set(found.map(({ sku }: { sku: string }) => sku))).toEqual(new Set(['FIG']));
    expect(await variances()).toEqual(found);
    expect(found).toContainEqual(expect.objectContaining({ subject: figPosition, kind: 'non_compliant', quantity: '2', amount: '200.00', decision: null })); // prettier-ignore
  });
});

describe('a review', () => {
  test('gives a reason for what stays open, and proof for what is mended', async () => {
    const note = (body: object) => on('Lena', 'review', { subjects: [figPosition], ...body });
    const refused = [
      await note({ decision: 'noted' }),
      await note({ decision: 'accepted' }),
      await note({ decision: 'remediated' }),
      await note({ subjects: ['position:nowhere'], decision: 'noted', reason: 'r' }),
      await note({ subjects: [], decision: 'noted', reason: 'r' }),
    ];
    const task = await call('Lena', 'POST', `reconciliation-cycles/${id}/tasks`, {
      subject: figPosition, action: 'buy', owner: staffed.people.get('Fay'), dueAt: '2026-03-05', note: 'two more',
    }); // prettier-ignore
    const early = await note({ decision: 'remediated' });
    const bare = await call('Fay', 'POST', `reconciliation-cycles/${id}/tasks/${task.body.id}:done`, {}); // prettier-ignore
    const done = await call('Fay', 'POST', `reconciliation-cycles/${id}/tasks/${task.body.id}:done`, { proof: 'SO-1' }); // prettier-ignore
    const mended = await note({ decision: 'remediated' });

    expect(refused.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422]);
    expect([task.status, early.status, bare.status, done.status, mended.status]).toEqual([201, 422, 422, 200, 200]); // prettier-ignore
    expect(done.body).toMatchObject({ proof: 'SO-1', closedBy: staffed.people.get('Fay'), overdue: false }); // prettier-ignore
    expect((await show()).status).toBe('in_review');
  });

  test('that leaves something undecided keeps the cycle from being signed, and says what', async () => {
    const extra = await open({ name: 'Both', frequency: 'once', from: '2026-02-01', to: '2026-03-03' }); // prettier-ignore
    await on('Lena', 'compute', { acceptGaps: 'known' }, extra);
    await work(extra);
    const { hash } = await statement(extra);
    const blocked = await on('Fay', 'sign', { role: 'finance', statementHash: hash }, extra);

    expect(blocked.status).toBe(409);
    expect(blocked.body.detail).toMatch(/Nobody decided about position:/);
    expect((await show(extra)).blockers.length).toBe((await variances(extra)).length);
    expect((await show(extra)).signOffs).toEqual([]);
  });

  test('of all that waits decides about each of them once', async () => {
    const open = (await show()).blockers.length;
    const rest = await on('Lena', 'review', { rest: {}, decision: 'accepted', reason: 'small' });
    const again = await on('Lena', 'review', { rest: {}, decision: 'accepted', reason: 'small' });

    expect([rest.status, again.status]).toEqual([open > 0 ? 200 : 422, 422]);
    expect((await show()).blockers).toEqual([]);
  });
});

describe('a signature', () => {
  test('is another person’s than the one who computed and the one who owns it', async () => {
    const { hash } = await statement();
    firstHash = hash;
    const sign = (who: string, role: string, statementHash = hash) =>
      on(who, 'sign', { role, statementHash });
    const stale = await sign('Luis', 'licence-manager', 'b'.repeat(64));
    const viewer = await sign('Vera', 'finance');
    const admin = await sign('Adam', 'finance');
    const wrongRole = await sign('Luis', 'finance');
    const owner = await sign('Luis', 'licence-manager');
    const twice = await sign('Luis', 'licence-manager');
    const last = await sign('Fay', 'finance');

    expect([stale, viewer, admin, wrongRole, owner, twice, last].map(({ status }) => status)).toEqual([409, 403, 403, 403, 200, 403, 200]); // prettier-ignore
    expect([owner.body.status, last.body.status]).toEqual(['in_review', 'signed_off']);
  });

  test('freezes the statement; nothing of the round is decided after it', async () => {
    const later = await on('Lena', 'review', { subjects: [figPosition], decision: 'noted', reason: 'r' }); // prettier-ignore
    const forged = staffed.inTx((tx) =>
      tx.run(
        `insert into cycle_sign_off (tenant_id, cycle_id, round, role, person_id, statement_hash)
         select s.tenant_id, s.cycle_id, s.round, 'auditor', s.person_id, s.statement_hash from cycle_sign_off s where s.cycle_id = $1`,
        [id],
      ),
    );

    expect(later.status).toBe(409);
    await expect(forged).rejects.toThrow(/cycle_sign_off/);
    expect((await statement()).hash).toBe(firstHash);
  });

  test('is told to webhooks and written to the audit, with each step before it', async () => {
    const { events, audit } = await staffed.inTx(async (tx) => ({
      events: await tx.sql<{ type: string; data: object }>(
        `select v.type, v.data from hub_event v where v.type like 'reconciliation.%'`,
      ),
      audit: await tx.sql<{ action: string }>(
        `select a.action from audit_event a where a.subject_id = $1 order by a.id`,
        [id],
      ),
    }));

    expect(events).toEqual([
      { type: 'reconciliation.signed_off', data: { cycleId: id, runId: (await show()).now.runId, statementHash: firstHash } },
    ]); // prettier-ignore
    expect(new Set(audit.map(({ action }) => action))).toEqual(
      new Set(['cycle.opened', 'cycle.compute_asked', 'cycle.computed', 'cycle.reviewed', 'cycle.task_added', 'cycle.task_done', 'cycle.signed', 'cycle.signed_off']),
    ); // prettier-ignore
  });

  test('stands under a run that comes out the same when it is computed again, whatever was recorded since', async () => {
    await grant('FIG', '9');
    const { body } = await verify();

    expect(body).toMatchObject({ cycleId: id, equal: true });
    expect(body.checks.map(({ what }: { what: string }) => what)).toEqual(['input', 'rules', 'result', 'statement', 'statement', 'signatures', 'signatures']); // prettier-ignore
  });

  test('under a result or a statement that somebody changed in the database no longer verifies', async () => {
    const { runId } = (await show()).now;
    const forge = (hash: string) =>
      staffed.admin.query(`update reconciliation_run set result_hash = $1 where id = $2`, [hash, runId]); // prettier-ignore
    const { rows } = await staffed.admin.query(`select result_hash from reconciliation_run where id = $1`, [runId]); // prettier-ignore
    await forge('0'.repeat(64));
    const result = await verify();
    await forge(rows[0].result_hash);
    await staffed.admin.query(`update cycle_round set statement = replace(statement, 'February', 'Fobruary') where cycle_id = $1`, [id]); // prettier-ignore
    const stated = await verify();
    const cliSays = await trueup('Vera', 'verify', id);
    await staffed.admin.query(`update cycle_round set statement = replace(statement, 'Fobruary', 'February') where cycle_id = $1`, [id]); // prettier-ignore
    const bad = (body: { checks: { what: string; equal: boolean }[] }) =>
      body.checks.filter(({ equal }) => !equal).map(({ what }) => what);

    expect(bad(result.body)).toEqual(['result', 'statement']);
    expect(bad(stated.body)).toEqual(['statement']);
    expect([cliSays.code, cliSays.out]).toEqual([9, expect.stringContaining('statement DIFFERS')]);
  });
});

describe('a signed cycle', () => {
  test('is followed by the next of its series once its period is over, and by one only', async () => {
    await tendCycles(staffed.api.deps, context);
    await tendCycles(staffed.api.deps, context);
    const { data } = (await call('Vera', 'GET', `reconciliation-cycles?series=${id}`)).body;

    expect(data.map((row: { period: object; status: string }) => [row.period, row.status])).toEqual([
      [{ from: '2026-03-01', to: '2026-04-01' }, 'collecting'],
      [{ from: '2026-02-01', to: '2026-03-01' }, 'signed_off'],
    ]); // prettier-ignore
  });

  test('has its figures: use, money and days, and how they moved', async () => {
    const { body } = await call('Vera', 'GET', `reconciliation-cycles/${id}/kpis`);

    expect(body).toMatchObject({
      utilisation: [{ group: 'licensee', owned: '1', seats: '3', assigned: '300' }],
      daysToRemediate: { median: 0, mean: 0 },
      saved: [{ amount: '200.00', currency: 'EUR' }],
      tasks: { open: 0, overdue: 0, done: 1 },
      trend: [{ cycleId: id, lines: 1, trueUpCost: [{ amount: '200.00', currency: 'EUR' }] }],
    });
  });

  test('is a record for evidence, in plain JSON', async () => {
    const record = await staffed.inTx((tx) => cycleRecord(tx, id));

    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    expect(record).toMatchObject({ id, status: 'signed_off', round: 1, statementHash: firstHash, statement: { cycle: { id } }, tasks: [{ proof: 'SO-1' }] }); // prettier-ignore
    expect(record.signOffs.map(({ role }) => role)).toEqual(['licence-manager', 'finance']);
    expect(record.history.map(({ step }) => step)).toContain('signed_off');
  });

  test('is reopened for a reason: the former round stays, and the next signature is for the new run', async () => {
    const silent = await on('Lena', 'reopen', { reason: ' ' });
    const before = (await show()).now.runId;
    const again = await on('Lena', 'reopen', { reason: 'an order came late' });
    const computed = await on('Fay', 'compute', { acceptGaps: 'known' });
    await work();
    const now = await show();
    const old = await on('Luis', 'sign', { role: 'licence-manager', statementHash: firstHash });
    const kept = await staffed.inTx((tx) =>
      tx.sql(`select s.role from cycle_sign_off s where s.cycle_id = $1 and s.round = 1`, [id]),
    );

    expect([silent.status, again.body.status, computed.status]).toEqual([422, 'reopened', 202]);
    expect(now).toMatchObject({ status: 'computed', round: 2, signOffs: [] });
    expect(now.now.runId).not.toBe(before);
    expect(old.status).toBe(409);
    expect(kept).toHaveLength(2);
  });
});

describe('a task', () => {
  test('that is overdue keeps the cycle from being signed, and is told once', async () => {
    const [{ subject }] = await variances((await call('Vera', 'GET', 'reconciliation-cycles')).body.data.find((row: { name: string }) => row.name === 'Both').id); // prettier-ignore
    const both = (await call('Vera', 'GET', 'reconciliation-cycles')).body.data.find((row: { name: string }) => row.name === 'Both').id; // prettier-ignore
    const past = {
      subject,
      action: 'amend',
      owner: staffed.people.get('Lena'),
      dueAt: '2026-03-01',
    };
    const late = await call('Lena', 'POST', `reconciliation-cycles/${both}/tasks`, past);
    const made = await call('Lena', 'POST', `reconciliation-cycles/${both}/tasks`, { ...past, dueAt: '2026-03-02' }); // prettier-ignore
    await staffed.admin.query(`update remediation_task set due_at = '2026-03-01' where id = $1`, [made.body.id]); // prettier-ignore
    await tendCycles(staffed.api.deps, context);
    await tendCycles(staffed.api.deps, context);
    const told = await staffed.inTx((tx) =>
      tx.sql(`select v.data from hub_event v where v.type = 'remediation.overdue'`),
    );
    const listed = (await call('Vera', 'GET', `reconciliation-cycles/${both}/tasks`)).body.data;

    expect([late.status, made.status]).toEqual([422, 201]);
    expect(told).toEqual([{ data: { taskId: made.body.id, cycleId: both, owner: staffed.people.get('Lena') } }]); // prettier-ignore
    expect(listed).toMatchObject([{ id: made.body.id, overdue: true }]);
    expect((await show(both)).blockers).toContainEqual(expect.objectContaining({ kind: 'task_overdue', subject: made.body.id })); // prettier-ignore
  });
});

describe('policy', () => {
  test('says who signs; roles that nobody could sign for are refused', async () => {
    const wrong = await call('Adam', 'PUT', 'cycle-policy', { signers: ['finance', 'finance'] });
    const none = await call('Adam', 'PUT', 'cycle-policy', { signers: [] });
    const mayNot = await call('Lena', 'PUT', 'cycle-policy', {});
    const set = await call('Adam', 'PUT', 'cycle-policy', { signers: ['auditor'] });

    expect([wrong.status, none.status, mayNot.status]).toEqual([422, 422, 403]);
    expect(set.body).toEqual({ signers: ['auditor'], independentSigner: true, freshHours: 48 });
    expect((await call('Vera', 'GET', 'cycle-policy')).body.signers).toEqual(['auditor']);
    await call('Adam', 'PUT', 'cycle-policy', {});
  });
});

describe('on the command line', () => {
  test('a cycle goes from opening to signing', async () => {
    const json = async (who: string, ...args: readonly string[]) => {
      const { code, out, err } = await trueup(who, ...args, '--json');
      expect([args[0], code, err]).toEqual([args[0], 0, expect.any(String)]);
      return JSON.parse(out);
    };
    const { id: cycle } = await json('Lena', 'open', 'Zoo', '--frequency', 'once', '--from', '2026-03-01', '--until', '2026-03-02', '--publisher', 'Zoo'); // prettier-ignore
    const refused = await trueup('Lena', 'compute', cycle, '--no-wait');
    await json('Lena', 'compute', cycle, '--no-wait', '--accept-gaps', 'known');
    await work(cycle);
    const shown = await json('Vera', 'show', cycle);
    const [{ subject }] = shown.variances;
    const task = await json('Lena', 'tasks', 'add', cycle, '--subject', subject, '--action', 'reclaim', '--owner', staffed.people.get('Lena') ?? '', '--due', '2026-03-20'); // prettier-ignore
    await json('Lena', 'tasks', 'done', cycle, task.id, '--proof', 'ticket 7');
    await trueup('Lena', 'review', cycle, '--subject', subject, '--remediated');
    await trueup('Lena', 'review', cycle, '--rest', '--noted', '--reason', 'seen');
    const { hash } = await json('Fay', 'statement', cycle);
    await json('Luis', 'sign', cycle, '--role', 'licence-manager', '--statement', hash);
    const signed = await trueup('Fay', 'sign', cycle, '--role', 'finance', '--statement', hash);
    const verified = await trueup('Vera', 'verify', cycle);
    const reopened = await trueup('Lena', 'reopen', cycle, '--reason', 'once more');
    const list = await trueup('Vera', 'list', '--status', 'reopened');

    expect([refused.code, refused.err]).toEqual([6, expect.stringContaining('never read')]);
    expect(signed.out).toContain('is signed off');
    expect([verified.code, reopened.code]).toEqual([0, 0]);
    expect(list.out).toContain(cycle);
  }, 240_000);
});
