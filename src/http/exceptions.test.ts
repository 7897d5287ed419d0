import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeCliHome, type CliHome } from '../../test/support/cli.ts';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { loadSnapshot } from '../app/load-snapshot.ts';
import { runReconciliation } from '../app/flows/run-reconciliation.ts';
import { decideFacts, recordFacts } from '../ledger/facts.ts';

// Three rights and five logins with a seat, on 2026-03-02: each test takes up what the one before it left.

const LOGINS = ['u0', 'u1', 'u2', 'u3', 'u4'];
const TRIAL = {
  kind: 'trial',
  sku: 'FIG',
  subjects: ['trueup/u3', 'trueup/u4'],
  rationale: 'Two people try it before the next order.',
  fallbackControl: 'Their seats are taken back on the last day.',
  validFrom: '2026-02-01',
  validTo: '2026-03-12',
};

let staffed: StaffedApi;
let cli: CliHome;
let trial: string;

const call = (who: string, method: string, path: string, body?: object) =>
  staffed.call(who, method, path, body);
const ask = (body: object, who = 'Lena') => call(who, 'POST', 'exceptions', body);
const person = (name: string) => staffed.people.get(name);
const trueup = async (who: string, ...args: readonly string[]) =>
  cli.run(['exceptions', ...args, '--url', staffed.api.url], { TRUEUP_KEY: staffed.keyOf(who) });

/** Reconciles, and gives what the position and the reminders say. */
async function reconciled() {
  const context = { tenantId: 'acme', signal: AbortSignal.timeout(60_000), hold: async () => {} };
  await runReconciliation(staffed.api.deps, context, {
    reconciliationId: null,
    asOf: null,
    knownAt: null,
  });
  const { data } = (await call('Vera', 'GET', 'reconciliations/latest/positions?sku=FIG')).body;
  const reminders = await call('Vera', 'GET', 'findings?kind=expiring_exception');
  return { line: data[0].line, inputs: data[0].inputs, reminders: reminders.body.data };
}

beforeAll(async () => {
  staffed = await staffedApi({
    Lena: ['licence-manager'], Adam: ['approver'], Fay: ['finance'], Vera: ['viewer'], Axel: ['auditor'],
  }); // prettier-ignore
  cli = await makeCliHome();
  await staffed.inTx(async (tx) => {
    await decideFacts(tx, 'sku', [
      { externalRef: 'FIG', skuCode: 'FIG', name: 'Figment', metricCode: 'user_subscription', rightsPerPack: 1, active: true },
    ]); // prettier-ignore
    await decideFacts(tx, 'entitlement', [
      { externalRef: 'e1', posture: 'licensee', skuCode: 'FIG', ownerRef: 'own', status: 'active', unlimited: false, unitPrice: '100', currency: 'EUR' },
    ]); // prettier-ignore
    await decideFacts(tx, 'entitlementTransaction', [
      { externalRef: 'g1', entitlementRef: 'e1', type: 'grant', quantityDelta: '3', reason: 'order', validFrom: '2026-01-01' },
    ]); // prettier-ignore
    await decideFacts(tx, 'seatAssignment', LOGINS.map((user) => ({
      externalRef: `${user}/FIG`, posture: 'licensee' as const, skuCode: 'FIG', userAccountRef: user, active: true,
    }))); // prettier-ignore
  });
}, 240_000);
afterAll(async () => {
  await cli?.stop();
  await staffed?.close();
});

describe('a request', () => {
  test('that could never be approved is refused with what is wrong', async () => {
    const wrong = await Promise.all(
      [
        { ...TRIAL, sku: null, subjects: [] },
        { ...TRIAL, sku: 'NOPE' },
        { ...TRIAL, subjects: ['u3'] },
        { ...TRIAL, quantityCap: '0' },
        { ...TRIAL, validTo: TRIAL.validFrom },
        { ...TRIAL, validTo: '2026-03-02' },
        { ...TRIAL, validTo: '2027-02-03' },
        { ...TRIAL, rationale: ' ' },
        { ...TRIAL, validTo: undefined },
        { ...TRIAL, kind: 'forever' },
      ].map((body) => ask(body)),
    );
    const longest = await ask({ ...TRIAL, validTo: '2027-02-02' });

    expect(wrong.map(({ status }) => status)).toEqual(wrong.map(() => 422));
    expect(wrong[0]?.body.detail).toContain('hold for everything');
    expect(wrong[2]?.body.detail).toContain('"u3" names nobody');
    expect(longest.status).toBe(201);
    await call('Lena', 'POST', `exceptions/${longest.body.id}:end`, { reason: 'only a try' });
  });

  test('is asked for by those who may, and takes nothing out before it is approved', async () => {
    const mayNot = await ask(TRIAL, 'Vera');
    const asked = await ask(TRIAL);
    trial = asked.body.id;
    const { line } = await reconciled();

    expect([mayNot.status, asked.status]).toEqual([403, 201]);
    expect(asked.headers.get('location')).toBe(`/api/v1/exceptions/${trial}`);
    expect(asked.body).toMatchObject({ ...TRIAL, owner: 'own', status: 'requested', requestedBy: person('Lena'), effectiveFrom: null }); // prettier-ignore
    expect(line).toMatchObject({ rightsRequired: '5', exceptionCovered: '0', shortfall: '2' });
  });

  test('shows whoever decides what an approval would do', async () => {
    const { body } = await call('Adam', 'GET', `exceptions/${trial}`);

    expect(body.effect).toMatchObject({
      basis: 'preview',
      lines: [{ skuCode: 'FIG', subjects: 2, quantity: '2', required: '3', requiredAfter: '5', shortfallAfter: '2' }],
    }); // prettier-ignore
  });
});

describe('an approval', () => {
  let before: Date;

  test('is another person’s, whatever the roles of the one who asked, and given once', async () => {
    before = await staffed.inTx((tx) => tx.clock());
    const own = await call('Lena', 'POST', `exceptions/${trial}:approve`, {});
    const ownNo = await call('Lena', 'POST', `exceptions/${trial}:decline`, { reason: 'no' });
    const viewer = await call('Vera', 'POST', `exceptions/${trial}:approve`, {});
    const given = await call('Adam', 'POST', `exceptions/${trial}:approve`, { reason: 'agreed' });
    const again = await call('Fay', 'POST', `exceptions/${trial}:decline`, { reason: 'too late' });

    expect([own, ownNo, viewer, given, again].map(({ status }) => status)).toEqual([403, 403, 403, 200, 409]); // prettier-ignore
    expect(own.body.detail).toContain('Somebody else has to decide');
    expect(given.body).toMatchObject({ status: 'approved', decidedBy: person('Adam'), reason: 'agreed' }); // prettier-ignore
  });

  test('is refused by the database, too, to whoever asked', async () => {
    const { id } = (await ask({ ...TRIAL, validTo: '2026-04-01' })).body;
    const forged = staffed.inTx((tx) =>
      tx.run(
        `update licence_exception set status = 'approved', decided_by = requested_by, decided_at = app.clock(),
           effective_from = valid_from where id = $1`,
        [id],
      ),
    );

    await expect(forged).rejects.toThrow(/licence_exception_check/);
    await call('Fay', 'POST', `exceptions/${id}:decline`, { reason: 'one is enough' });
  });

  test('does not reach back before its day, and not into what was known before it', async () => {
    const { body } = await call('Vera', 'GET', `exceptions/${trial}`);
    const known = await staffed.inTx(async (tx) => ({
      earlier: (await loadSnapshot(tx, '2026-03-02', before)).snapshot.exceptions,
      now: (await loadSnapshot(tx, '2026-03-02', await tx.clock())).snapshot.exceptions,
    }));

    expect(body).toMatchObject({ validFrom: '2026-02-01', effectiveFrom: '2026-03-02' });
    expect(known.earlier).toEqual([]);
    expect(known.now).toMatchObject([{ externalRef: trial, body: { status: 'approved', validFrom: '2026-03-02', validTo: '2026-03-12', approverRefs: [person('Adam')] } }]); // prettier-ignore
  });

  test('takes its subjects out of the next run, which says so; whoever asked is reminded', async () => {
    const { line, inputs, reminders } = await reconciled();
    const explained = await call('Vera', 'GET', `reconciliations/latest/positions/${line.id}/explain`); // prettier-ignore
    const { body } = await call('Vera', 'GET', `exceptions/${trial}`);

    expect(line).toMatchObject({ grossRequired: '5', rightsRequired: '3', exceptionCovered: '2', excludedQuantity: '2', shortfall: '0', status: 'exception_covered' }); // prettier-ignore
    expect(inputs.expiries).toEqual([{ on: '2026-03-12', exceptions: [trial], required: '5', shortfall: '2' }]); // prettier-ignore
    expect(explained.body.demand.filter((each: { exceptionId: string | null }) => each.exceptionId === trial)).toHaveLength(2); // prettier-ignore
    expect(body.effect).toMatchObject({ basis: 'run', lines: [{ subjects: 2, shortfallAfter: '2' }] }); // prettier-ignore
    expect(reminders).toMatchObject([{ subject: { type: 'Exception', id: trial }, owner: person('Lena'), amount: '200.00', status: 'open' }]); // prettier-ignore
  });
});

test('no other system’s word is an approval', async () => {
  const source = {
    connection: 'elsewhere',
    stream: 's',
    mappingId: 'elsewhere.x',
    mappingVersion: 1,
  };
  await staffed.inTx((tx) =>
    recordFacts(tx, source, [
      {
        recordId: 'r1',
        recordHash: 'a'.repeat(64),
        facts: [
          {
            noun: 'exception',
            body: {
              externalRef: 'all', kind: 'dispute', subjectRefs: [], rationale: 'all of it', approverRefs: ['them'],
              status: 'approved', validFrom: '2026-01-01', validTo: '2027-01-01',
            },
          },
        ],
      },
    ]),
  ); // prettier-ignore

  expect((await reconciled()).line).toMatchObject({ rightsRequired: '3' });
});

describe('the command line', () => {
  test('asks with the last day, shows, and is told who may decide', async () => {
    const asked = await trueup('Lena', 'request', '--kind', 'pilot', '--sku', 'FIG', '--from', '2026-03-02', '--until', '2026-03-31', '--at-most', '1', '--why', 'a pilot', '--json'); // prettier-ignore
    const { id, validTo, quantityCap } = JSON.parse(asked.out);
    const own = await trueup('Lena', 'approve', id);
    const shown = await trueup('Fay', 'show', id);
    const listed = await trueup('Vera', 'list', '--status', 'requested');
    const nonsense = await trueup('Lena', 'request', '--kind', 'pilot', '--from', '2026-03-02', '--until', 'soon', '--why', 'x'); // prettier-ignore

    expect([validTo, quantityCap]).toEqual(['2026-04-01', '1']);
    expect([own.code, own.err]).toEqual([3, expect.stringContaining('Somebody else has to decide')]); // prettier-ignore
    expect(shown.out).toContain('What it would do if it were approved today:');
    expect(shown.out).toContain('FIG of own, all, 1 at most.');
    expect(listed.out).toContain(id);
    expect(listed.out).not.toContain(trial);
    expect([nonsense.code, nonsense.err]).toEqual([2, expect.stringContaining('--until takes a date')]); // prettier-ignore

    const declined = await trueup('Fay', 'decline', id, '--reason', 'buy them');
    expect(declined.out).toContain(`${id} is declined.`);
  }, 240_000);

  test('ends an exception from today on; the next run asks for its rights again', async () => {
    const ended = await trueup('Lena', 'end', trial, '--reason', 'they decided');
    const again = await call('Lena', 'POST', `exceptions/${trial}:end`, { reason: 'again' });
    const { line, reminders } = await reconciled();
    const { body } = await call('Vera', 'GET', `exceptions/${trial}`);

    expect(ended.out).toContain(`${trial} is ended.`);
    expect(again.status).toBe(409);
    expect(line).toMatchObject({ rightsRequired: '5', exceptionCovered: '0', shortfall: '2' });
    expect(reminders).toEqual([]);
    expect(body).toMatchObject({ status: 'ended', endedOn: '2026-03-02', endedBy: person('Lena'), endReason: 'they decided', effect: { basis: 'run', lines: [] } }); // prettier-ignore
  }, 240_000);
});

test('one whose end has come is expired, and a request whose end has come cannot be approved', async () => {
  const { id: running } = (await ask({ ...TRIAL, validTo: '2026-03-20' })).body;
  const { id: waiting } = (await ask({ ...TRIAL, validTo: '2026-03-20' })).body;
  await call('Fay', 'POST', `exceptions/${running}:approve`, {});
  await staffed.admin.query(`update licence_exception set valid_to = '2026-03-01', valid_from = '2026-02-01' where id = any($1)`, [[running, waiting]]); // prettier-ignore
  const late = await call('Fay', 'POST', `exceptions/${waiting}:approve`, {});
  const { data } = (await call('Vera', 'GET', 'exceptions?status=expired')).body;

  expect(late.status).toBe(422);
  expect(data.map(({ id }: { id: string }) => id)).toEqual([running]);
  expect((await call('Lena', 'POST', `exceptions/${running}:end`, { reason: 'x' })).status).toBe(
    409,
  );
});

test('every step is in the audit, and nothing of it in another company', async () => {
  const { data } = (await call('Axel', 'GET', `audit-events?subject=${trial}`)).body;
  const other = (await staffed.api.person('globex', ['licence-manager'])).key;
  const there = await Promise.all([
    staffed.api.call('GET', '/api/v1/exceptions', { key: other }),
    staffed.api.call('GET', `/api/v1/exceptions/${trial}`, { key: other }),
  ]);

  expect(data.map(({ action }: { action: string }) => action)).toEqual(['exception.ended', 'exception.approved', 'exception.requested']); // prettier-ignore
  expect(data[1]).toMatchObject({ details: { requestedBy: person('Lena'), effectiveFrom: '2026-03-02' } }); // prettier-ignore
  expect([there[0]?.body.data, there[1]?.status]).toEqual([[], 404]);
});
