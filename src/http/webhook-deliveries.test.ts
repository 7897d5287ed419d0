import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { DAY, HOUR, startWebhookStory } from '../../test/support/webhook-story.ts';
import { keepAttempts } from '../app/serve-endpoint.ts';
import { reopenWork } from '../app/reopen-work.ts';
import { tell } from '../app/tell.ts';
import { leaseDeliveries, recordAttempts } from '../delivery/webhooks/deliveries.ts';
import { getEndpoint } from '../delivery/webhooks/endpoints.ts';

const story = await startWebhookStory();
const { api, receiver, call, add, happened, send, states, inTx, moveClock, reset } = story;

beforeEach(reset);
afterAll(() => story.stop());

describe('an event', () => {
  test('arrives signed, as an independent receiver finds it, with ids and nothing else', async () => {
    const { id, secret } = await add('/take');

    await happened();
    await send();

    const [received] = receiver.calls;
    expect(new Webhook(secret).verify(received?.body ?? '', received?.headers ?? {})).toEqual({
      type: 'run.completed',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { runId: 'run_1', connection: 'crm', status: 'succeeded' },
    });
    const { body } = await call('GET', `/${id}/deliveries/${received?.headers['webhook-id']}`);
    expect(body).toMatchObject({ state: 'delivered', lastStatus: 204, calls: [{ number: 1, status: 204, error: null }] }); // prettier-ignore
    expect(() => new Webhook(`whsec_${Buffer.alloc(32, 1).toString('base64')}`).verify(received?.body ?? '', received?.headers ?? {})).toThrow('No matching signature'); // prettier-ignore
  });

  test('E3 is found by the sweep in rows alone: telling asks for no work, and nobody is asked for one who is paused', async () => {
    const work = (): Promise<readonly object[]> => inTx((tx) => tx.sql(`delete from outbox w where w.job = 'send-webhooks' returning w.key`)); // prettier-ignore
    const { id } = await add();
    await happened();
    const told = await work();
    await reopenWork(api.deps);
    const found = await work();
    await call('PATCH', `/${id}`, { status: 'paused' });

    await reopenWork(api.deps);

    expect([told, found, await work()]).toEqual([[], [{ key: '' }], []]);
  });

  test('that was rolled back was never told, and one of another type, company or endpoint is not sent', async () => {
    await add('/plans', { types: ['plan.applied'] });
    const all = await add('/all');

    await inTx(async (tx) => {
      await tell(tx, { type: 'mapping.published', subject: 'mapping:m', data: { mappingId: 'm', version: 1, changeId: 'chg_1' } }); // prettier-ignore
      throw new Error('back');
    }).catch(() => undefined);
    await api.deps.store.withTenant('globex', (tx) => tell(tx, { type: 'run.completed', subject: 'run:run_g', data: { runId: 'run_g', connection: 'crm', status: 'failed' } })); // prettier-ignore
    await happened();
    await send();

    expect(receiver.calls.map(({ path }) => path)).toEqual(['/all']);
    expect(await states(all.id)).toEqual(['delivered']);
  });

  test('that is told once of a subject is kept once, and of another one anew', async () => {
    const { id } = await add();
    const end = (runId: string): Promise<void> =>
      inTx((tx) => tell(tx, { type: 'run.completed', subject: runId, data: { runId, connection: 'crm', status: 'succeeded' }, once: true })); // prettier-ignore

    for (const runId of ['run_1', 'run_1', 'run_2']) await end(runId);

    expect(await states(id)).toEqual(['waiting', 'waiting']);
  });

  test('F-13 keeps its id in every attempt, and comes once more where the answer got lost', async () => {
    const { id } = await add();
    receiver.answer(() => 'reset');
    await happened();
    await send();
    receiver.answer(() => 204);

    await moveClock(10);
    await send();

    const ids = receiver.calls.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    expect(await states(id)).toEqual(['delivered']);
  });

  test('that its receiver took slowly lets the endpoint pause, with no silence noted and nothing failed', async () => {
    const { id } = await add();
    for (const at of [1, 2]) await happened(at);
    const lease = (most: number) =>
      inTx((tx) => leaseDeliveries(tx, id, { most, leaseSeconds: 45 }));
    const took = { answer: { status: 204, error: null, retryAfterS: null }, next: { state: 'delivered', waitS: 0, restS: 0, gone: false } } as const; // prettier-ignore
    const [first] = await lease(1);
    if (first === undefined) throw new Error('Nothing was leased.');
    const endpoint = await inTx((tx) => getEndpoint(tx, id));

    await inTx((tx) => keepAttempts(tx, endpoint, [{ ...took, delivery: first, ms: 4_000 }]));
    const during = await lease(8);
    const paused = await inTx((tx) => getEndpoint(tx, id));
    await moveClock(13);
    const [second] = await lease(8);
    if (second === undefined) throw new Error('It went on pausing.');
    await inTx((tx) => keepAttempts(tx, endpoint, [{ ...took, delivery: second, ms: 1_900 }]));

    expect(during).toEqual([]);
    expect(paused).toMatchObject({ silences: 0, failingSince: null, restUntil: expect.any(Date) });
    expect(await inTx((tx) => getEndpoint(tx, id))).toMatchObject({ restUntil: null });
  });

  test('F-59 that a worker left behind is sent by another after its lease, and the first changes nothing then', async () => {
    const { id } = await add();
    await happened();
    const lease = () => inTx((tx) => leaseDeliveries(tx, id, { most: 8, leaseSeconds: 45 }));
    const [lost] = await lease();
    if (lost === undefined) throw new Error('Nothing was leased.');

    await send();
    expect(receiver.calls).toHaveLength(0);
    await moveClock(46);
    const [taken] = await lease();
    const late = { delivery: lost, answer: { status: 500, error: 'late', retryAfterS: null }, next: { state: 'failed', waitS: 0, restS: 0, gone: false }, ms: 1 } as const; // prettier-ignore
    await inTx((tx) => recordAttempts(tx, id, [late]));

    expect([lost.fence, taken?.fence]).toEqual([1, 2]);
    expect(await states(id)).toEqual(['sending']);
  });
});

describe('an endpoint', () => {
  test('that is down for three days gets everything within minutes of its return, and little was tried meanwhile', async () => {
    const { id } = await add();
    receiver.answer(() => 503);
    for (let hour = 0; hour < 72; hour += 3) {
      await moveClock(hour * HOUR);
      await happened(hour);
      await send();
    }
    const tried = receiver.calls.length;
    receiver.calls.length = 0;
    receiver.answer(() => 204);

    for (const minutes of [6, 7, 8]) {
      await moveClock(72 * HOUR + minutes * 60);
      await send();
    }

    expect(tried).toBeLessThanOrEqual(24);
    expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(24);
    expect(receiver.calls).toHaveLength(24);
    expect(new Set(await states(id))).toEqual(new Set(['delivered']));
  }, 60_000);

  test('that is back with one event gets what was to wait for hours within a minute', async () => {
    const { id } = await add();
    receiver.answer(() => 'reset');
    await happened(1);
    for (const hours of [0, 1, 2, 3, 6, 14, 30]) {
      await moveClock(hours * HOUR);
      await send();
    }
    receiver.answer(() => 204);
    await moveClock(30 * HOUR + 600);
    await happened(2);
    await send();
    const first = await states(id);

    await moveClock(30 * HOUR + 661);
    await send();

    expect(first).toEqual(['delivered', 'waiting']);
    expect(await states(id)).toEqual(['delivered', 'delivered']);
  });

  test('that takes nothing for five days is disabled and named in the audit; mended, what it missed is sent again', async () => {
    const { id } = await add();
    const since = new Date(Date.now() - 1000).toISOString();
    receiver.answer(() => 500);
    for (let day = 0; day <= 5; day += 1) {
      await moveClock(day * DAY);
      await happened(day);
      await send();
    }
    const { body: disabled } = await call('GET', `/${id}`);
    await happened(6);
    const refused = await call('POST', `/${id}:replay`, { since });
    receiver.answer(() => 204);

    const resumed = await call('PATCH', `/${id}`, { status: 'active' });
    const replayed = await call('POST', `/${id}:replay`, { since });
    await send();

    expect(disabled).toMatchObject({ status: 'disabled', disabledReason: 'Nothing has arrived for 5 days.' }); // prettier-ignore
    const [{ count }] = (await inTx((tx) => tx.sql<{ count: number }>(`select count(*)::int as count from audit_event a where a.action = 'webhook_endpoint.disabled' and a.subject_id = $1`, [id]))) as [{ count: number }]; // prettier-ignore
    expect(count).toBe(1);
    expect([refused.status, resumed.body.status, replayed.body]).toEqual([422, 'active', { events: 7 }]); // prettier-ignore
    expect(await states(id)).toEqual(Array(7).fill('delivered'));
  });

  test('that answers 410 is disabled at once', async () => {
    const { id } = await add();
    receiver.answer(() => 410);
    await happened(1);
    await happened(2);
    await send(1_000, 1);

    expect(receiver.calls).toHaveLength(1);
    expect((await call('GET', `/${id}`)).body).toMatchObject({ status: 'disabled', failed: 2, waiting: 0 }); // prettier-ignore
  });

  test('F-17 that asks for patience is left alone for as long, and one that hangs delays no other', async () => {
    await add('/hangs');
    const patient = await add('/patient');
    const quick = await add('/quick');
    receiver.answer(({ path }) => path === '/hangs' ? 'hang' : path === '/patient' ? { status: 429, headers: { 'retry-after': '3600' } } : 204); // prettier-ignore
    for (let at = 0; at < 3; at += 1) await happened(at);
    let ended = false;
    const sending = send(30_000, 1).finally(() => void (ended = true));
    const arrived = async (count: number): Promise<void> => {
      while ((await states(quick.id)).filter((state) => state === 'delivered').length < count)
        await sleep(20);
    };

    await arrived(3);
    await happened(4);
    await arrived(4);

    expect(ended).toBe(false);
    receiver.answer(() => 429);
    receiver.release();
    await sending;
    await moveClock(3_500);
    await send(200, 1);
    expect(receiver.calls.filter(({ path }) => path === '/patient')).toHaveLength(1);
    expect(Date.parse((await call('GET', `/${patient.id}`)).body.restUntil)).toBeGreaterThan(Date.now() + 3_500_000); // prettier-ignore
  }, 20_000);

  test('that is paused keeps events for later, and one that redirects is not followed', async () => {
    const { id } = await add('/here');
    await call('PATCH', `/${id}`, { status: 'paused' });
    await happened();
    await send();
    const kept = await states(id);
    receiver.answer(({ path }) => path === '/here' ? { status: 307, headers: { location: `${receiver.url}/there` } } : 204); // prettier-ignore

    await call('PATCH', `/${id}`, { status: 'active' });
    await send();

    expect(kept).toEqual(['waiting']);
    expect(receiver.calls.map(({ path }) => path)).toEqual(['/here']);
    const { body } = await call('GET', `/${id}/deliveries`);
    expect(body.data[0].lastError).toContain('redirects are not followed');
  });
});
