import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endedRun } from '../../test/support/ended-run.ts';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { watchIncidents } from '../app/flows/watch-incidents.ts';
import { noteBreakers } from '../app/note-breakers.ts';
import { createPacing } from '../app/pacing.ts';
import { appendAudit } from '../audit/audit-log.ts';
import { openIncident } from '../delivery/incidents.ts';
import { proposeIntents } from '../delivery/intents.ts';
import { saveCertificate } from '../intake/certificates.ts';
import { openHold } from '../intake/people-holds.ts';
import { openBreakers } from '../intake/read-trouble.ts';
import { RemoteUnavailable } from '../kernel/errors.ts';

let world: StaffedApi;
let call: StaffedApi['call'];
let inTx: StaffedApi['inTx'];

beforeAll(async () => {
  world = await staffedApi({
    viewer: ['viewer'],
    editor: ['editor'],
    auditor: ['auditor'],
    admin: ['admin'],
  });
  ({ call, inTx } = world);
  await addConnections('crm', 'erp');
});
afterAll(() => world.close());

const addConnections = async (...ids: readonly string[]): Promise<void> => {
  for (const id of ids) {
    await world.admin.query(
      `insert into connection (tenant_id, id, connector, role, config, mode, status) values ('acme', $1, 'salesforce', 'crm', '{}', 'read-write', 'ok')`,
      [id],
    );
  }
};

/** One look of the watch, as its job takes it. */
const watch = (tenantId = 'acme'): Promise<void> =>
  watchIncidents(world.api.deps, {
    tenantId,
    signal: new AbortController().signal,
    hold: async () => undefined,
  });

// oxlint-disable-next-line typescript/no-explicit-any -- an answer
const list = async (query = ''): Promise<readonly any[]> =>
  (await call('viewer', 'GET', `incidents?limit=500${query}`)).body.data;
const of = async (kind: string, key: string) =>
  (await list(`&kind=${kind}`)).filter((incident) => incident.key === key);
const kindsOf = async (id: string): Promise<readonly string[]> =>
  (await call('viewer', 'GET', `incidents/${id}`)).body.timeline.map(
    ({ kind }: { readonly kind: string }) => kind,
  );
const make = async (key: string) => {
  const made = await inTx(
    (tx) =>
    openIncident(tx, { kind: 'webhook_disabled', key, title: `The endpoint ${key} is off.`, severity: 'high' }), // prettier-ignore
  );
  return made ?? '';
};
const age = (id: string, hours: number) =>
  world.admin.query(
    `update incident set opened_at = opened_at - make_interval(hours => $2::int), acked_at = acked_at - make_interval(hours => $2::int) where id = $1`,
    [id, hours],
  );

/** A read of a connection that ended, by what became of its stream. */
const ended = (connection: string, stream: string, status: 'succeeded' | 'failed') =>
  endedRun(world.admin, { connection, stream, status });

describe('a failed read', () => {
  test('opens one incident, whoever looks how often; another failure counts in it, and a read that works ends it', async () => {
    const first = await ended('crm', 'Account', 'failed');

    await watch();
    await watch();
    const [opened] = await of('failed_run', 'crm');
    await ended('crm', 'Account', 'failed');
    await watch();
    const [again] = await of('failed_run', 'crm');
    await ended('crm', 'Account', 'succeeded');
    await watch();

    const all = await of('failed_run', 'crm');
    expect(opened).toMatchObject({ status: 'open', severity: 'medium', times: 1 });
    expect(opened.title).toContain('Account of crm failed: it said no');
    expect(opened.refs).toContainEqual({ type: 'run', id: first });
    expect(again).toMatchObject({ id: opened.id, times: 2 });
    expect(all).toMatchObject([{ status: 'closed', cause: 'passed', closedBy: null }]);
    expect(await kindsOf(opened.id)).toEqual(['opened', 'seen_again', 'cleared']);
  });

  test('of one stream is not over because another stream was read since', async () => {
    await ended('crm', 'Order', 'failed');
    await ended('crm', 'Account', 'succeeded');

    await watch();

    expect(await of('failed_run', 'crm')).toMatchObject([{ status: 'open' }, {}]);
  });

  test('that a person has closed opens nothing again, and the next one does', async () => {
    const [open] = await of('failed_run', 'crm');
    await call('editor', 'POST', `incidents/${open.id}:close`, {
      cause: 'vendor',
      text: 'They were down.',
    });

    await watch();
    const after = await of('failed_run', 'crm');
    await ended('crm', 'Order', 'failed');
    await watch();

    expect(after.filter(({ status }) => status === 'open')).toEqual([]);
    expect((await of('failed_run', 'crm'))[0]).toMatchObject({ status: 'open', times: 1 });
  });
});

describe('what else needs people', () => {
  const lane = createPacing({
    breakerMoved: (...moved) => noteBreakers(world.api.deps)(...moved),
  }).lane('acme', 'erp');
  /** What a process notes of its breakers it notes beside its work. */
  const breakersAre = async (count: number): Promise<void> => {
    const ends = Date.now() + 5_000;
    while ((await inTx(openBreakers)).length !== count) {
      if (Date.now() > ends) throw new Error(`There are not ${count} open breakers.`);
    }
  };

  test('a certificate that does not close, a breaker, refused credentials and a mass deactivation', async () => {
    const run = await ended('erp', 'invoice', 'succeeded');
    await inTx((tx) =>
      saveCertificate(
        tx,
        { runId: run, connection: 'erp' },
        {
          stream: 'invoice',
          from: null,
          to: '2026-03-02T00:00:00Z',
          method: 'count',
          sourceCount: 10,
          distinctIds: 8,
          movedOut: 0,
          missingCount: 2,
          missingIds: ['1', '2'],
          staleCount: 0,
          staleIds: [],
          caughtLate: 0,
          removed: 0,
          held: 0,
          holdId: null,
          caveats: [],
          closed: false,
        },
      ),
    );
    await world.admin.query(`update connection set status = 'reauth_required' where id = 'crm'`);
    for (let failure = 0; failure < 5; failure += 1)
      lane.leave(new RemoteUnavailable('connect ECONNREFUSED'));
    await breakersAre(1);
    await inTx((tx) => openHold(tx, { connection: 'erp', cap: 10, activeAccounts: 100 }));

    await watch();

    const open = await list('&status=open');
    const severities = open.map(({ kind, key, severity }) => `${kind} ${key} ${severity}`);
    expect(severities).toEqual(
      expect.arrayContaining([
        'open_certificate erp/invoice high',
        'open_breaker erp medium',
        'parked_connection crm high',
        'people_hold erp high',
      ]),
    );
  });

  test('ends: what is grave stays for its cause, the rest closes by itself', async () => {
    await world.admin.query(`update connection set status = 'ok'`);
    await world.admin.query(`update people_hold set status = 'rejected'`);
    lane.leave(undefined);
    await breakersAre(0);

    await watch();

    const [breaker] = await of('open_breaker', 'erp');
    const [parked] = await of('parked_connection', 'crm');
    expect(breaker).toMatchObject({ status: 'closed', cause: 'passed' });
    expect(parked).toMatchObject({ status: 'open', cause: null });
    expect(parked.clearedAt).not.toBeNull();
  });

  test('that comes back before anybody closed it is the same incident', async () => {
    const [before] = await of('parked_connection', 'crm');
    await world.admin.query(`update connection set status = 'reauth_required' where id = 'crm'`);

    await watch();

    expect(await of('parked_connection', 'crm')).toMatchObject([
      { id: before.id, status: 'open', clearedAt: null },
    ]);
    expect(await kindsOf(before.id)).toEqual(['opened', 'cleared', 'came_back']);
  });

  test('a write of which nobody knows for an hour, with what is at stake, each plan once', async () => {
    const planId = await world.planOf('deal:1', '5000');
    await inTx(async (tx) => {
      const effects = ['deal:1', 'deal:1b'].map((canonicalId) => ({
        connection: 'erp',
        object: 'salesOrder',
        canonicalId,
        vendorId: null,
        fields: {},
      }));
      await proposeIntents(tx, effects, planId);
    });
    const put = (minutes: number) =>
      world.admin.query(
        `update intent set state = 'UNKNOWN', sent_at = app.clock() - make_interval(mins => $1::int)`,
        [minutes],
      );
    await put(59);
    await watch();
    const early = await of('unknown_write', 'erp/salesOrder');
    await put(61);
    await watch();

    const [late] = await of('unknown_write', 'erp/salesOrder');
    expect(early).toEqual([]);
    expect(late).toMatchObject({
      severity: 'high',
      money: [{ amount: '5000.00', currency: 'EUR' }],
    });
    expect(late.title).toContain('2 writes to salesOrder of erp');
  });

  test('of another company is not seen, and its watch opens nothing here', async () => {
    const before = await list();
    const { key } = await world.api.person('globex', ['admin']);

    await watch('globex');

    expect((await world.api.call('GET', '/api/v1/incidents', { key })).body.data).toEqual([]);
    expect(await list()).toHaveLength(before.length);
  });
});

describe('what people do', () => {
  test('taking notice, naming who sees to it, saying something and closing are a timeline with names', async () => {
    const id = await make('ep1');
    await call('editor', 'POST', `incidents/${id}:ack`);
    await call('editor', 'POST', `incidents/${id}:assign`, { person: world.people.get('admin') });
    await call('admin', 'POST', `incidents/${id}:comment`, { text: 'They moved.' });

    const lasting = await call('admin', 'POST', `incidents/${id}:close`, {
      cause: 'vendor',
      text: 'x',
    });
    await world.admin.query(`update incident set cleared_at = app.clock() where id = $1`, [id]);
    const noCause = await call('admin', 'POST', `incidents/${id}:close`, { text: 'x' });
    const noWords = await call('admin', 'POST', `incidents/${id}:close`, { cause: 'vendor', text: ' ' }); // prettier-ignore
    const viewer = await call('viewer', 'POST', `incidents/${id}:close`, { cause: 'vendor', text: 'x' }); // prettier-ignore
    const closed = await call('admin', 'POST', `incidents/${id}:close`, {
      cause: 'vendor',
      text: 'They moved the endpoint.',
    });
    const twice = await call('admin', 'POST', `incidents/${id}:close`, { cause: 'other', text: 'x' }); // prettier-ignore

    expect([lasting.status, noCause.status, noWords.status, viewer.status, twice.status]).toEqual([
      409, 422, 422, 403, 409,
    ]);
    expect(closed.body).toMatchObject({
      status: 'closed',
      cause: 'vendor',
      causeText: 'They moved the endpoint.',
      owner: { name: 'admin' },
      ackedBy: `person:${world.people.get('editor')}`,
      closedBy: `person:${world.people.get('admin')}`,
    });
    expect(await kindsOf(id)).toEqual([
      'opened',
      'acknowledged',
      'assigned',
      'commented',
      'closed',
    ]);
  });

  test('the narrative tells it in Markdown and JSON with what was done meanwhile, and nothing in it is markup', async () => {
    const made = await inTx(async (tx) => {
      const opened = await openIncident(tx, {
        kind: 'webhook_disabled',
        key: 'ep2',
        title: 'The endpoint <b>ep2</b> is off.\n# Not a heading',
        money: [{ amount: '12.00', currency: 'USD' }],
        refs: [{ type: 'connection', id: 'erp' }],
      });
      await appendAudit(tx, {
        actor: `person:${world.people.get('admin')}`,
        action: 'connection.paused',
        subject: { type: 'connection', id: 'erp' },
      });
      return opened;
    });
    const path = `/api/v1/incidents/${made}/narrative`;

    const json = await world.api.call('GET', path, { key: world.keyOf('auditor') });
    const text = await world.api.call('GET', path, {
      key: world.keyOf('auditor'),
      headers: { accept: 'text/markdown' },
    });

    const viewer = await world.api.call('GET', path, { key: world.keyOf('viewer') });
    expect([viewer.status, viewer.body.actions]).toEqual([200, null]);
    expect(viewer.body.markdown).not.toContain('connection.paused');
    expect(json.body).toMatchObject({
      incident: { key: 'ep2', money: [{ amount: '12.00', currency: 'USD' }] },
      timeline: [{ kind: 'opened' }],
      actions: [{ action: 'connection.paused' }],
      minutes: null,
    });
    expect([json.body.people, viewer.body.people]).toEqual([{ [`person:${world.people.get('admin')}`]: 'admin' }, {}]); // prettier-ignore
    expect(text.headers.get('content-type')).toContain('text/markdown');
    expect(text.text).toContain(`# Incident ${made}`);
    expect(text.text).toContain('The endpoint \\<b\\>ep2\\</b\\> is off. \\# Not a heading');
    expect(text.text).toContain('- Money touched: 12.00 USD');
    expect(text.text).toMatch(/admin: connection\.paused \(connection erp\)/);
    expect(text.text.match(/^#+ /gm)).toEqual(['# ', '## ', '## ']);
  });
});

describe('escalation', () => {
  const told = async (id: string): Promise<readonly string[]> =>
    (await call('viewer', 'GET', `incidents/${id}`)).body.timeline
      .filter(({ kind }: { readonly kind: string }) => kind === 'escalated')
      .map(({ text }: { readonly text: string }) => /\((.*)\)/.exec(text)?.[1]);

  test('tells who is next by age, each step once, and nobody while somebody has taken notice', async () => {
    const put = await call('admin', 'PUT', 'incident-policy', {
      ackHours: 10,
      steps: [
        { afterHours: 1, tell: { person: world.people.get('editor') } },
        { afterHours: 4, tell: { role: 'admin' } },
      ],
    });
    const id = await make('ep3');
    await watch();
    const young = await told(id);
    await age(id, 2);
    await watch();
    await watch();
    const first = await told(id);
    await call('editor', 'POST', `incidents/${id}:ack`);
    await age(id, 3);
    await watch();
    const quiet = await told(id);
    await age(id, 8);
    await watch();

    expect(put.status).toBe(200);
    expect([young, first, quiet, await told(id)]).toEqual([
      [],
      ['editor'],
      ['editor'],
      ['editor', 'admin'],
    ]);
  });

  test('has an owner from the start where the policy names one, and refuses nobody and the wrong order', async () => {
    const owner = world.people.get('editor');
    const steps = [
      { afterHours: 4, tell: { role: 'admin' } },
      { afterHours: 1, tell: { role: 'admin' } },
    ];
    const wrong = await call('admin', 'PUT', 'incident-policy', { steps });
    const nobody = await call('admin', 'PUT', 'incident-policy', { owner: 'usr_none' });
    await call('admin', 'PUT', 'incident-policy', { owner });
    await ended('erp', 'vendorBill', 'failed');
    await make('ep5');

    await watch();

    expect([wrong.status, nobody.status]).toEqual([422, 404]);
    expect(await of('failed_run', 'erp')).toMatchObject([{ owner: { id: owner } }]);
    expect(await of('webhook_disabled', 'ep5')).toMatchObject([{ owner: { id: owner } }]);
    const audit = await call('auditor', 'GET', 'audit-events?subject=incidents');
    expect(audit.body.data[0]).toMatchObject({ action: 'incident_policy.changed' });
  });
});

test('two who see the same at once open one', async () => {
  const seen = { kind: 'webhook_disabled', key: 'ep9', title: 'Off.' } as const;

  await Promise.all(Array.from({ length: 8 }, () => inTx((tx) => openIncident(tx, seen))));

  expect(await of('webhook_disabled', 'ep9')).toHaveLength(1);
});
