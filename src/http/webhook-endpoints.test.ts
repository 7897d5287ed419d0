import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { DAY, HOUR, startWebhookStory } from '../../test/support/webhook-story.ts';
import { enforceRetention } from '../app/flows/enforce-retention.ts';
import { verifyCapturedWebhook } from '../app/flows/verify-captured-webhook.ts';
import { watchIncidents } from '../app/flows/watch-incidents.ts';
import { quarantineUnmapped, resolveQuarantine } from '../intake/quarantine.ts';
import { systemCaller } from '../security/caller.ts';

const story = await startWebhookStory();
const { api, receiver, call, add, happened, send, states, inTx, moveClock, reset } = story;

beforeEach(reset);
afterAll(() => story.stop());

describe('an endpoint', () => {
  test('may not lie in a private network unless that is allowed, nor have a user name or an unknown type', async () => {
    const refusals = await Promise.all([
      call('POST', '', { url: receiver.url }),
      call('POST', '', { url: 'https://10.0.0.7/x' }),
      call('POST', '', { url: 'https://user:pass@example.com/' }),
      call('POST', '', { url: 'http://169.254.169.254/', allowPrivateNetwork: true }),
      call('POST', '', { url: 'ftp://example.com/' }),
      call('POST', '', { url: 'nonsense' }),
      call('POST', '', { url: 'https://example.com/', types: ['plan.dreamt'] }),
    ]);

    expect(refusals.map(({ status }) => status)).toEqual(Array(7).fill(422));
  });

  test('F-77 of another company does not exist, and only administrators change one', async () => {
    const { id } = await add();
    const stranger = (await api.person('globex', ['admin'])).key;
    const auditor = (await api.person('acme', ['auditor'])).key;

    expect((await call('GET', `/${id}`, undefined, stranger)).status).toBe(404);
    expect((await call('GET', `/${id}`, undefined, auditor)).status).toBe(200);
    expect((await call('DELETE', `/${id}`, undefined, auditor)).status).toBe(403);
    expect((await call('DELETE', `/${id}`)).status).toBe(200);
    expect((await call('GET', `/${id}`)).status).toBe(404);
  });
});

describe('an address', () => {
  test('is shown whole only to who may change it: what follows the host may be a secret', async () => {
    const auditor = (await api.person('acme', ['auditor'])).key;
    const { id } = await add('/hooks/s3cret?token=t0ken');
    const bare = await add('/');

    const seen = [await call('GET', '', undefined, auditor), await call('GET', `/${id}`, undefined, auditor)]; // prettier-ignore

    expect(seen.map(({ text }) => /s3cret|t0ken/.test(text))).toEqual([false, false]);
    expect(seen[1]?.body.url).toBe(`${receiver.url}/…`);
    expect((await call('GET', `/${bare.id}`, undefined, auditor)).body.url).toBe(`${receiver.url}/`); // prettier-ignore
    expect((await call('GET', `/${id}`)).body.url).toBe(`${receiver.url}/hooks/s3cret?token=t0ken`);
  });

  test('is one of 50 at most, also where two are added at a time', async () => {
    await inTx((tx) => tx.run(`insert into webhook_endpoint (tenant_id, id, url, created_by) select app.tenant(), 'whe_' || n, 'https://example.com/', 'test' from generate_series(1, 49) n`)); // prettier-ignore

    const two = await Promise.all(
      [1, 2].map(() => call('POST', '', { url: 'https://example.com/' })),
    );

    expect(two.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 422]);
    expect(two.map(({ text }) => text).join()).toContain('webhooks remove');
  });
});

describe('a change by hand', () => {
  test('of the description or the types leaves a disabled endpoint as it is; its status or address bring it back', async () => {
    const { id } = await add();
    receiver.answer(() => 410);
    await happened();
    await send();
    const before = (await call('GET', `/${id}`)).body;

    const named = await call('PATCH', `/${id}`, { description: 'of finance', types: ['plan.applied'] }); // prettier-ignore
    const back = await call('PATCH', `/${id}`, { status: 'active' });

    expect(before).toMatchObject({ status: 'disabled', disabledReason: expect.any(String) });
    expect(named.body).toEqual({ ...before, description: 'of finance', types: ['plan.applied'] });
    expect(back.body).toMatchObject({ status: 'active', disabledReason: null });
  });
});

describe('the signing secret', () => {
  test('F-46 changes over without a gap: for a day both sign, after it the new one alone', async () => {
    const { id, secret: old } = await add();
    const { body: rotated } = await call('POST', `/${id}:rotate-secret`, {});
    const takes = (secret: string): boolean => {
      const last = receiver.calls.at(-1);
      const message = Object.entries(last?.headers ?? {}).map(([name, value]) => `${name}: ${value}`).join('\r\n'); // prettier-ignore
      return verifyCapturedWebhook(Buffer.from(`${message}\r\n\r\n${last?.body}`), secret, new Date()).signed; // prettier-ignore
    };

    await happened();
    await send();
    const both = [takes(old), takes(rotated.secret)];
    const [first] = receiver.calls;
    for (const secret of [old, rotated.secret])
      expect(new Webhook(secret).verify(first?.body ?? '', first?.headers ?? {})).toBeTruthy();
    await moveClock(25 * HOUR);
    await happened(2);
    await send();

    expect(both).toEqual([true, true]);
    expect([takes(old), takes(rotated.secret)]).toEqual([false, true]);
  });

  test('F-46 is not changed twice within the day, which would end the one before at once, but where that is asked for', async () => {
    const { id } = await add();
    const { body: rotated } = await call('POST', `/${id}:rotate-secret`, {});

    const again = await call('POST', `/${id}:rotate-secret`, {});
    await moveClock(HOUR);
    const now = await call('POST', `/${id}:rotate-secret`, { now: true });
    await moveClock(26 * HOUR);
    const later = await call('POST', `/${id}:rotate-secret`, {});

    expect([again.status, now.status, later.status]).toEqual([409, 200, 200]);
    expect(again.text).toContain(`until ${rotated.previousUntil}`);
  });

  test('F-86 is shown when it is made and nowhere else, and its row cannot be read', async () => {
    const { id, secret } = await add();
    const answers = [await call('GET', ''), await call('GET', `/${id}`), await call('PATCH', `/${id}`, { description: 'x' })]; // prettier-ignore
    const rows = await inTx((tx) => tx.sql<{ row: string }>(`select e::text as row from webhook_endpoint e union all select encode(s.sealed, 'escape') from connection_secret s union all select a.details::text from audit_event a`)); // prettier-ignore

    expect(answers.map(({ text }) => text).join()).not.toContain(secret.slice(6));
    expect(rows.map(({ row }) => row).join()).not.toContain(secret.slice(6));
  });
});

const watch = (): Promise<void> =>
  watchIncidents(api.deps, { tenantId: 'acme', signal: new AbortController().signal, hold: async () => undefined }); // prettier-ignore
const enforce = () => enforceRetention(api.deps, systemCaller('acme', 'test'), { rounds: 2 });

describe('what waits for a person', () => {
  const told = (type: string): Promise<readonly { subject: string }[]> =>
    inTx((tx) => tx.sql(`select v.subject from hub_event v where v.type = $1`, [type]));
  const fail = (recordIds: readonly string[]): Promise<void> => {
    const failures = recordIds.map((recordId) => ({ recordId, code: 'no_value', reason: `Account ${recordId} has no owner.`, field: 'owner', mappingId: 'm', mappingVersion: 1 })); // prettier-ignore
    return inTx((tx) => quarantineUnmapped(tx, { runId: 'run_1', connection: 'crm', stream: 'Account' }, failures)); // prettier-ignore
  };

  test('is told of once for a cause, however many records share it, and again when it comes back', async () => {
    await fail(['001A1', '001A2']);
    await watch();
    await fail(['001A3']);
    await watch();
    const first = await told('error.opened');
    await inTx((tx) => resolveQuarantine(tx, { connection: 'crm', stream: 'Account' }, 'mapping', 'm', ['001A1', '001A2', '001A3'])); // prettier-ignore
    await watch();
    await fail(['001A9']);
    await watch();

    expect(first).toHaveLength(1);
    expect(await told('error.opened')).toEqual([...first, ...first]);
  });

  test('an endpoint that was disabled is an incident, which is told of, until it is brought back', async () => {
    const { id } = await add();
    receiver.answer(() => 410);
    await happened();
    await send();
    await watch();
    const opened = await told('incident.opened');
    const incident = () => inTx((tx) => tx.sql(`select n.status from incident n where n.kind = 'webhook_disabled' and n.key = $1`, [id])); // prettier-ignore
    const during = await incident();

    await call('PATCH', `/${id}`, { status: 'active' });
    await watch();

    expect([opened.length, during]).toEqual([1, [{ status: 'open' }]]);
    expect(await incident()).toEqual([{ status: 'closed' }]);
  });
});

describe('by hand', () => {
  test('a test is sent once and at once, also to a paused endpoint, and says what was answered', async () => {
    const { id, secret } = await add('/try');
    await call('PATCH', `/${id}`, { status: 'paused' });

    const good = await call('POST', `/${id}:test`);
    receiver.answer(() => 500);
    const bad = await call('POST', `/${id}:test`);
    await moveClock(DAY);
    await send();

    const [first] = receiver.calls;
    expect(new Webhook(secret).verify(first?.body ?? '', first?.headers ?? {})).toMatchObject({ type: 'webhook.test' }); // prettier-ignore
    expect([good.body.state, bad.body.state, bad.body.lastStatus]).toEqual(['delivered', 'failed', 500]); // prettier-ignore
    expect(receiver.calls).toHaveLength(2);
    expect((await call('GET', `/${id}`)).body.failingSince).toBeNull();
  });

  test('one event, or those of a time that did not arrive, or all of them, are sent again', async () => {
    const { id } = await add();
    const since = new Date(Date.now() - 60_000).toISOString();
    receiver.answer(() => 400);
    await happened(1);
    await send();
    receiver.answer(() => 204);
    await happened(2);
    await send();
    const [{ eventId }] = (await call('GET', `/${id}/deliveries`)).body.data;

    const one = await call('POST', `/${id}:replay`, { eventId });
    await send();
    const missed = await call('POST', `/${id}:replay`, { since });
    await send();
    const all = await call('POST', `/${id}:replay`, { since, delivered: true });
    const none = await call('POST', `/${id}:replay`, { eventId: 'evt_none' });
    await send();

    expect([one.body, missed.body, all.body, none.status]).toEqual([{ events: 1 }, { events: 1 }, { events: 2 }, 404]); // prettier-ignore
    expect(receiver.calls).toHaveLength(6);
    expect(await states(id)).toEqual(['delivered', 'delivered']);
  });

  test('events go with the retention, but for those that still wait', async () => {
    const { id } = await add();
    await happened(1);
    await send();
    await call('PATCH', `/${id}`, { status: 'paused' });
    await happened(2);
    await moveClock(91 * DAY);
    await call('POST', `/${id}:replay`, { since: new Date(0).toISOString() });

    await enforce();

    expect(await states(id)).toEqual(['waiting']);
  });

  test('events wait 30 days for a paused endpoint: it is an incident before, then they are given up and can be sent again', async () => {
    const { id } = await add('/', { types: ['run.completed'] });
    await call('PATCH', `/${id}`, { status: 'paused' });
    await happened(1);
    const incident = () => inTx((tx) => tx.sql(`select n.status, n.title like '%have waited%' as told from incident n where n.kind = 'webhook_disabled' and n.key = $1`, [id])); // prettier-ignore

    await moveClock(22 * DAY);
    await watch();
    const early = await incident();
    await moveClock(24 * DAY);
    await watch();
    await enforce();
    const before = [await states(id), await incident()];
    await moveClock(31 * DAY);
    await enforce();
    await watch();
    const after = [await states(id), await incident()];
    const audited = await inTx((tx) => tx.sql(`select a.details from audit_event a where a.action = 'webhook_endpoint.events_given_up' and a.subject_id = $1`, [id])); // prettier-ignore
    await call('PATCH', `/${id}`, { status: 'active' });
    const again = await call('POST', `/${id}:replay`, { since: new Date(0).toISOString() });
    await watch();

    expect(early).toEqual([]);
    expect(before).toEqual([['waiting'], [{ status: 'open', told: true }]]);
    expect(after).toEqual([['failed'], [{ status: 'open', told: true }]]);
    expect(audited).toEqual([{ details: { events: 1, days: 30 } }]);
    expect(again.body).toEqual({ events: 1 });
    expect(await incident()).toEqual([{ status: 'closed', told: true }]);
  });

  test('the schema of every event is published, and what is sent fits it', async () => {
    const schema = await api.call('GET', '/schemas/events/v1.json');

    const types = schema.body.oneOf.map((each: { properties: { type: { const: string } } }) => each.properties.type.const); // prettier-ignore
    expect(types).toEqual(expect.arrayContaining(['plan.applied', 'error.opened', 'run.completed', 'mapping.published', 'opportunity.closed_won', 'conflict.opened', 'incident.opened'])); // prettier-ignore
  });
});
