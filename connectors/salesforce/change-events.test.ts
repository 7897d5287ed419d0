import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { control, openSalesforce, startSalesforce } from '../../test/support/salesforce-session.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ChangeHint, ReplayPlaces } from '../../src/sdk/change-events.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { listenForChanges } from './change-events.ts';
import type { SalesforceClient } from './client.ts';
import { FIXTURE_IDS, fixtureWorld } from './twin/fixture-world.ts';

let twin: RunningTwin;
let open: AbortController[] = [];

const mutate = (object: string, operation: string, id: string, fields: JsonObject = {}) =>
  control(twin, 'POST', '/mutate', { object, operation, id, fields });
const rename = (Name: string) => mutate('Account', 'update', FIXTURE_IDS.account, { Name });
const faults = (rules: readonly object[]) => control(twin, 'PUT', '/faults', { rules });

/** A listener, what it heard, and the places that it would keep. */
async function listen(options: { streams?: readonly string[]; replay?: ReplayPlaces } = {}) {
  const { streams = ['Account'], replay = {} } = options;
  const session = await openSalesforce(twin);
  const end = new AbortController();
  open.push(end);
  const heard: ChangeHint[] = [];
  let places: ReplayPlaces = { ...replay };
  const done = session.listen?.({
    streams,
    replay,
    signal: end.signal,
    onHints: async (hints, after) => {
      heard.push(...hints);
      places = { ...places, ...after };
    },
  });
  if (done === undefined) throw new Error('Salesforce sessions listen.');
  const failed = done.then(
    () => null,
    (error: unknown) => error,
  );
  return {
    heard,
    failed,
    places: () => places,
    changes: () => heard.filter((hint) => hint.kind === 'change'),
    until: async (test: () => boolean) => {
      for (let n = 0; n < 300 && !test(); n += 1) await delay(10);
      if (!test()) throw new Error(`Not heard: ${JSON.stringify(heard)}`);
    },
    stop: async () => {
      end.abort();
      await done;
    },
  };
}

/** A listener that has joined: it said that what came before has to be read. */
async function joined(options: Parameters<typeof listen>[0] = {}) {
  const listener = await listen(options);
  await listener.until(() => listener.heard.length >= (options.streams?.length ?? 1));
  return listener;
}

beforeAll(async () => {
  twin = await startSalesforce(fixtureWorld());
});
afterAll(() => twin.stop());
beforeEach(() => control(twin, 'POST', '/reset'));
afterEach(() => {
  for (const each of open) each.abort();
  open = [];
});

describe('listening', () => {
  test('begins with the hint that what came before has to be read, and stores no place for it', async () => {
    const listener = await joined();

    expect(listener.heard).toMatchObject([
      { object: 'Account', id: null, kind: 'gap', echo: false },
    ]);
    expect(listener.places()).toEqual({});
  });

  test('hears which record changed, of creation, update, deletion and undeletion alike', async () => {
    const listener = await joined();

    await rename('One');
    await mutate('Account', 'delete', FIXTURE_IDS.parentAccount);
    await mutate('Account', 'undelete', FIXTURE_IDS.parentAccount);

    await listener.until(() => listener.changes().length === 3);
    expect(listener.changes().map((hint) => hint.id)).toEqual([
      FIXTURE_IDS.account,
      FIXTURE_IDS.parentAccount,
      FIXTURE_IDS.parentAccount,
    ]);
    expect(listener.places()).toMatchObject({ Account: { replayId: expect.any(Number) } });
  });

  test('goes on after the place kept last, and hears what it missed meanwhile', async () => {
    const first = await joined();
    await rename('One');
    await first.until(() => first.changes().length === 1);
    await first.stop();
    await rename('Two');
    await rename('Three');

    const second = await listen({ replay: first.places() });

    await second.until(() => second.changes().length === 2);
    expect(second.heard.every((hint) => hint.kind === 'change')).toBe(true);
    expect(
      new Set([...first.changes(), ...second.changes()].map((hint) => hint.eventId)).size,
    ).toBe(3);
  });

  test('F-42: an event that comes twice has one id', async () => {
    await faults([{ match: { object: 'Account' }, action: 'duplicate_event' }]);
    const listener = await joined();

    await rename('One');

    await listener.until(() => listener.changes().length === 2);
    expect(new Set(listener.changes().map((hint) => hint.eventId)).size).toBe(1);
  });

  test('F-43: events out of order all come', async () => {
    await faults([{ match: { object: 'Account' }, action: 'reorder', nth: 1 }]);
    const listener = await joined();

    await rename('One');
    await mutate('Account', 'update', FIXTURE_IDS.parentAccount, { Name: 'Two' });

    await listener.until(() => listener.changes().length === 2);
    expect(listener.changes().map((hint) => hint.id)).toEqual([
      FIXTURE_IDS.parentAccount,
      FIXTURE_IDS.account,
    ]);
  });

  test('F-48: a gap names the record, an overflow the whole stream', async () => {
    await faults([
      { match: { object: 'Account' }, action: 'gap', nth: 1 },
      { match: { object: 'Account' }, action: 'overflow', nth: 2 },
    ]);
    const listener = await joined();

    await rename('One');
    await rename('Two');

    await listener.until(() => listener.heard.length === 3);
    expect(listener.heard.slice(1)).toMatchObject([
      { id: FIXTURE_IDS.account, kind: 'gap' },
      { id: null, kind: 'overflow' },
    ]);
  });

  test('F-48: a place older than the vendor keeps events is forgotten, says so, and listening goes on from now', async () => {
    const first = await joined();
    await rename('One');
    await first.until(() => first.changes().length === 1);
    await first.stop();
    await control(twin, 'POST', '/clock', { advanceSeconds: 73 * 3600 });

    const second = await joined({ replay: first.places() });
    expect(second.places()).toEqual({ Account: null });
    await rename('Two');

    await second.until(() => second.changes().length === 1);
    expect(second.heard[0]).toMatchObject({ object: 'Account', id: null, kind: 'expired' });
    expect(second.places()['Account']).toMatchObject({ replayId: expect.any(Number) });
  });

  test('F-50: a change that this connection made itself is an echo; another client’s and a person’s are not', async () => {
    const listener = await joined({ streams: ['Account', 'Contract'] });
    const session = await openSalesforce(twin);

    await session.write('Contract', [
      {
        externalId: 'ext-1',
        intentId: 'int-1',
        vendorId: null,
        fields: {
          AccountId: FIXTURE_IDS.account,
          StartDate: '2026-04-01',
          ContractTerm: 12,
          Status: 'Draft',
        },
      },
    ]);
    await rename('One');

    await listener.until(() => listener.changes().length === 2);
    expect(
      listener
        .changes()
        .map(({ object, echo }) => `${object} ${echo}`)
        .toSorted((left, right) => left.localeCompare(right)),
    ).toEqual(['Account false', 'Contract true']);
  });

  test('a stream that the organisation does not publish is left out, and the others are heard', async () => {
    const listener = await listen({ streams: ['OpportunityHistory', 'Nonsense', 'Account'] });
    await listener.until(() => listener.heard.length === 1);

    await rename('One');

    await listener.until(() => listener.changes().length === 1);
    expect(listener.changes()).toMatchObject([{ object: 'Account', id: FIXTURE_IDS.account }]);
  });

  test('nothing to hear at all is refused with what to do', async () => {
    const listener = await listen({ streams: ['Nonsense'] });

    expect(await listener.failed).toMatchObject({
      code: 'remote_rejected',
      message: expect.stringContaining('Change Data Capture'),
    });
  });

  test.each([
    [
      'the vendor breaks the poll',
      { match: { path: '/cometd' }, nth: 4, action: 'reset_before' },
      'remote_unavailable',
    ],
    [
      'a login page comes instead',
      { match: { path: '/cometd' }, nth: 4, action: 'html_page' },
      'remote_unavailable',
    ],
    [
      'the session has ended and was renewed',
      { match: { path: '/cometd' }, nth: 4, action: 'expire_token' },
      'remote_unavailable',
    ],
  ])('ends when %s, to be begun again', async (_, rule, code) => {
    await faults([rule]);
    const listener = await joined();
    await rename('One');

    expect(await listener.failed).toMatchObject({ code });
  });

  test('ends for good when the vendor takes our credentials no more', async () => {
    await faults([
      { action: 'revoke' },
      { match: { path: '/cometd' }, nth: 4, action: 'expire_token' },
    ]);
    const listener = await listen();
    await rename('One');

    expect(await listener.failed).toMatchObject({ code: 'auth_expired' });
  });

  test('ends at once when it is told to, although the vendor holds the poll', async () => {
    const listener = await joined();
    await delay(50);
    const began = performance.now();

    await listener.stop();

    expect(performance.now() - began).toBeLessThan(1500);
  });

  test('asks a vendor that answers at once and tells nothing no more than about once a second', async () => {
    let polls = 0;
    const end = new AbortController();
    const answer = (message: { channel: string }) => ({
      ...message,
      clientId: 'c',
      successful: true,
    });
    const client = {
      apiVersion: '67.0',
      callerName: 'Trueup-crm',
      raw: async ({ body }: { body?: string }) => {
        const [message] = JSON.parse(body ?? '[]') as [{ channel: string }];
        if (message.channel === '/meta/connect') polls += 1;
        return { headers: {}, body: JSON.stringify([answer(message)]) };
      },
    } as unknown as SalesforceClient;
    const done = listenForChanges(client, silentLogger, {
      streams: ['Account'],
      replay: {},
      onHints: async () => undefined,
      signal: end.signal,
    });

    await delay(700);
    end.abort();
    await done;

    expect(polls).toBeLessThan(6);
  });
});
