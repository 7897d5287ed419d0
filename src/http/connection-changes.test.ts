import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scimFixtureWorld } from '../../connectors/scim/twin/fixture-world.ts';
import twin from '../../connectors/scim/twin/index.ts';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';
import type { TenantTx } from '../db/store.ts';
import { openConflict } from '../delivery/conflicts.ts';
import { leasePlanned, markSent, recordResults, recoverLost } from '../delivery/dispatch.ts';
import { proposeIntents } from '../delivery/intents.ts';
import { savePlan } from '../delivery/plans.ts';
import { openQuarantine } from '../intake/quarantine.ts';
import type { RunningTwin } from '../sdk/define-twin.ts';

let api: TestApi;
let admin: string;
let directory: RunningTwin;

beforeAll(async () => {
  api = await testApi();
  admin = (await api.person('acme', ['admin'])).key;
  directory = await twin.start({
    world: scimFixtureWorld(5),
    planted: [],
    port: 0,
    startAt: '2026-03-02T08:00:00Z',
    seed: 1,
  });
}, 60_000);
afterAll(async () => {
  await directory?.stop();
  await api?.close();
});

async function add(name: string, change: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  const { config, secrets } = directory.credentials;
  const body = { name, connector: 'scim', config, secrets, allowPrivateNetwork: true, ...change };
  return await api.call('POST', '/api/v1/connections', { key: admin, body });
}

const rowsOf = (sql: string, name: string) =>
  api.deps.store.readTenant('acme', (tx) => tx.sql(sql, [name]));
const KEYS = `select from connection_key k where k.connection like $1 || '%'`;

describe('changing the settings of a connection', () => {
  const patch = (body: object) =>
    api.call('PATCH', '/api/v1/connections/settable', { key: admin, body });

  test('keeps what was not named, and what was not proven is not kept', async () => {
    await add('settable', { config: { ...directory.credentials.config, pageSize: 50 } });

    const moved = await patch({ config: { baseUrl: 'http://127.0.0.1:1/scim/v2' } });
    const locked = await patch({ allowPrivateNetwork: false });
    const still = await api.call('GET', '/api/v1/connections/settable', { key: admin });
    const changed = await patch({ config: { pageSize: 70 } });
    const taken = await patch({ config: { pageSize: null } });

    expect([moved.status, moved.body.code]).toEqual([502, 'remote_unavailable']);
    expect([locked.status, locked.body.code]).toEqual([403, 'forbidden']);
    expect(still.body).toMatchObject({
      allowPrivateNetwork: true,
      config: { ...directory.credentials.config, pageSize: 50 },
    });
    expect([changed.status, changed.body.config]).toEqual([
      200,
      { ...directory.credentials.config, pageSize: 70 },
    ]);
    expect(taken.body.config).toEqual(directory.credentials.config);
  });

  test('that do not fit are refused by name', async () => {
    const answer = await patch({ config: { colour: 'red' } });

    expect([answer.status, answer.text]).toEqual([422, expect.stringMatching(/colour/)]);
  });
});

/** A write that the vendor refused, a conflict, and a record that could not be kept. */
async function waitAt(tx: TenantTx, connection: string): Promise<void> {
  const target = { connection, object: 'UserLogins' };
  await proposeIntents(tx, [{ ...target, canonicalId: 'x:1', vendorId: null, fields: {} }]);
  const leased = await leasePlanned(tx, target, { batch: 1, leaseSeconds: 60 });
  const sent = await markSent(tx, leased, 60);
  const refusal = { kind: 'rejected', code: 'no', message: 'no', field: null } as const;
  const results = sent.map(({ externalId }) => ({ ...refusal, externalId }));
  await recordResults(tx, sent, results);
  for (const intent of sent)
    await openConflict(
      tx,
      { intent, vendorId: null, theirsAt: null, theirsBy: null },
      { field: 'active', rule: 'ask', agreed: null, ours: true, theirs: false },
    );
  const unreadable = [{ id: 'x', code: 'bad', reason: 'bad', outcome: 'quarantined' }] as const;
  await openQuarantine(tx, { runId: 'run_1', connection, stream: 'Users' }, unreadable);
}

/** As if its worker had died, and no call of it could be on its way any more. */
const markUnknownNow = async (tx: TenantTx, connection: string): Promise<void> => {
  await tx.run(`update intent set lease_until = app.clock() where connection = $1`, [connection]);
  await recoverLost(tx, { connection, object: 'Users' });
};

describe('removing a connection', () => {
  const remove = (name: string) =>
    api.call('DELETE', `/api/v1/connections/${name}`, { key: admin });

  test('waits until it is known what became of its writes; what was never sent is dropped', async () => {
    await Promise.all(['busy', 'idle'].map((name) => add(name)));
    await api.deps.store.withTenant('acme', async (tx) => {
      for (const connection of ['busy', 'idle'])
        await proposeIntents(tx, [
          { connection, object: 'Users', canonicalId: 'x:1', vendorId: null, fields: {} },
        ]);
      const target = { connection: 'busy', object: 'Users' };
      await markSent(tx, await leasePlanned(tx, target, { batch: 1, leaseSeconds: 60 }), 60);
    });

    const refused = await remove('busy');
    const removed = await remove('idle');

    const intents = `select i.state from intent i where i.connection = $1`;
    expect([refused.status, refused.text]).toEqual([409, expect.stringMatching(/Users/)]);
    expect(await rowsOf(KEYS, 'busy')).toHaveLength(1);
    expect(removed.status).toBe(200);
    expect(await rowsOf(intents, 'idle')).toEqual([{ state: 'SUPERSEDED' }]);
    expect(await rowsOf(intents, 'busy')).toEqual([{ state: 'SENT' }]);
  });

  test('whose system is gone is ended by who says why, once no call can be on its way, and the audit keeps the reason', async () => {
    const giveUp = (why: string) => api.call('DELETE', `/api/v1/connections/busy?giveUp=${encodeURIComponent(why)}`, { key: admin });

    const early = await giveUp('shut down');
    await api.deps.store.withTenant('acme', (tx) => markUnknownNow(tx, 'busy'));
    const mute = await giveUp(' ');
    const removed = await giveUp('the vendor shut down');

    expect([early.status, early.text]).toEqual([409, expect.stringMatching(/on their way/)]);
    expect([mute.status, removed.status]).toEqual([422, 200]);
    expect(await rowsOf(`select i.state, i.error ->> 'message' as why from intent i where i.connection = $1`, 'busy')).toEqual([
      { state: 'SUPERSEDED', why: expect.stringMatching(/gave it up: the vendor shut down/) },
    ]);
    const audits = await rowsOf(`select a.details ->> 'gaveUp' as why, jsonb_array_length(a.details -> 'unknown') as n from audit_event a where a.subject_id = $1 and a.action = 'connection.removed'`, 'busy');
    expect(audits).toEqual([{ why: 'the vendor shut down', n: 1 }]);
  }); // prettier-ignore

  test('forgets its secrets and schedule, keeps its history, and never frees its name', async () => {
    const hook = { webhookSecret: `whsec_${'A'.repeat(43)}=` };
    await add('leaving', { secrets: { ...directory.credentials.secrets, ...hook } });
    const { body: run } = await api.call('POST', '/api/v1/connections/leaving:pull', {
      key: admin,
      body: {},
    });

    const removed = await remove('leaving');
    const shown = await api.call('GET', '/api/v1/connections/leaving', { key: admin });
    const listed = await api.call('GET', '/api/v1/connections', { key: admin });
    const again = await add('leaving');

    expect([removed.status, removed.body.status, shown.body.status]).toEqual([
      200,
      'removed',
      'removed',
    ]);
    expect(shown.body).toMatchObject({ secretFields: [], takesPushes: false, mode: 'read-only' });
    expect(listed.body.data.map((each: { id: string }) => each.id)).not.toContain('leaving');
    expect([again.status, again.text]).toEqual([409, expect.stringMatching(/was removed/)]);
    expect(await rowsOf('select from schedule s where s.key = $1', 'leaving')).toEqual([]);
    expect(await rowsOf(KEYS, 'leaving')).toEqual([]);
    expect((await api.call('GET', `/api/v1/runs/${run.runId}`, { key: admin })).status).toBe(200);
  });

  test('ends what waits for a person and could be mended only over there, and nothing of others', async () => {
    await Promise.all(['gone', 'stays'].map((name) => add(name)));
    await api.deps.store.withTenant('acme', async (tx) => {
      for (const connection of ['gone', 'stays']) await waitAt(tx, connection);
    });

    await remove('gone');

    const waiting = await rowsOf(
      `select c.connection, c.state from conflict c where $1 = 'acme'
       union all select i.connection, i.state from intent i where i.object = 'UserLogins'
       union all select q.connection, q.status from quarantine q order by 1, 2`,
      'acme',
    );
    expect(waiting).toEqual([
      { connection: 'gone', state: 'SUPERSEDED' },
      { connection: 'gone', state: 'resolved' },
      { connection: 'gone', state: 'vanished' },
      { connection: 'stays', state: 'QUARANTINED' },
      { connection: 'stays', state: 'open' },
      { connection: 'stays', state: 'open' },
    ]);
  });

  test('supersedes plans that would write to it, and no others', async () => {
    const plan = (connection: string) =>
      api.deps.store.withTenant('acme', (tx) =>
        savePlan(tx, {
          kind: 'closed_won',
          subject: `deal-${connection}`,
          hash: connection,
          body: { effects: [{ connection }] },
          blocked: false,
          approvedByPolicy: false,
        }),
      );
    await add('planned');
    await plan('planned');
    await plan('other');

    await remove('planned');

    const plans = await rowsOf(
      'select p.subject, p.status from plan p where $1 <> p.id order by 1',
      '',
    );
    expect(plans).toEqual([
      { subject: 'deal-other', status: 'waiting' },
      { subject: 'deal-planned', status: 'superseded' },
    ]);
  });

  test.each([
    ['PATCH', '', { paused: false }],
    ['POST', ':check', undefined],
    ['POST', ':pull', {}],
    ['POST', ':rotate', { secrets: {} }],
    ['DELETE', '', undefined],
  ])('leaves nothing to act on: %s %s', async (method, verb, body) => {
    const answer = await api.call(method, `/api/v1/connections/leaving${verb}`, {
      key: admin,
      body,
    });

    expect([answer.status, answer.text]).toEqual([404, expect.stringMatching(/was removed/)]);
  });
});
