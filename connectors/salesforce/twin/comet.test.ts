import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Streaming, StreamingExtension } from 'jsforce/lib/api/streaming.js';
import { Connection } from 'jsforce/lib/connection.js';
import {
  assertionFor,
  askToken,
  control,
  JWT_GRANT,
  startSalesforce,
} from '../../../test/support/salesforce-session.ts';
import type { RunningTwin } from '../../../src/sdk/define-twin.ts';
import { FIXTURE_IDS, fixtureWorld } from './fixture-world.ts';

const CHANNEL = '/data/AccountChangeEvent';

let twin: RunningTwin;
let accessToken: string;

interface Heard {
  readonly payload: {
    readonly ChangeEventHeader: Readonly<Record<string, unknown>>;
    readonly Name?: string;
  };
  readonly event: { readonly replayId: number };
}

const rename = (Name: string) =>
  control(twin, 'POST', '/mutate', {
    object: 'Account',
    operation: 'update',
    id: FIXTURE_IDS.account,
    fields: { Name },
  });

/** The client of jsforce (faye), which we did not write: what it hears is what any client hears. */
async function jsforceHears(
  replay: number,
  count: number,
  meanwhile: () => Promise<void>,
): Promise<readonly Heard[]> {
  const connection = new Connection({ instanceUrl: twin.url, accessToken, version: '67.0' });
  const client = new Streaming(connection).createClient([
    new StreamingExtension.Replay(CHANNEL, replay),
  ]);
  const heard: Heard[] = [];
  await client.subscribe(CHANNEL, (event: Heard) => heard.push(event));
  await meanwhile();
  for (let n = 0; n < 200 && heard.length < count; n += 1) await delay(20);
  await client.disconnect();
  return heard;
}

/** One message of the protocol, sent by hand. */
async function bus(
  message: object,
  cookie = '',
): Promise<{ readonly reply: Readonly<Record<string, unknown>>; readonly cookie: string }> {
  const response = await fetch(`${twin.url}/cometd/67.0`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}`, cookie },
    body: JSON.stringify([message]),
  });
  const [reply = {}] = (await response.json()) as readonly Record<string, unknown>[];
  return { reply, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

const HANDSHAKE = {
  channel: '/meta/handshake',
  version: '1.0',
  supportedConnectionTypes: ['long-polling'],
};

beforeAll(async () => {
  twin = await startSalesforce(fixtureWorld());
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  const assertion = await assertionFor(twin);
  const { body } = await askToken(twin, { grant_type: JWT_GRANT, assertion });
  accessToken = (body as { access_token: string }).access_token;
});

describe('the event bus', () => {
  test('is heard by the client of jsforce, with the header and the changed fields', async () => {
    const [event] = await jsforceHears(-1, 1, () => rename('Heard').then(() => undefined));

    expect(event?.payload.Name).toBe('Heard');
    expect(event?.payload.ChangeEventHeader).toMatchObject({
      entityName: 'Account',
      recordIds: [FIXTURE_IDS.account],
      changeType: 'UPDATE',
      sequenceNumber: 1,
      changedFields: expect.arrayContaining(['Name']),
    });
  });

  test('replays what is retained (-2), and what came after an event', async () => {
    await rename('One');
    await rename('Two');

    const all = await jsforceHears(-2, 2, async () => undefined);
    const later = await jsforceHears(all[0]?.event.replayId ?? 0, 1, async () => undefined);

    expect(all.map(({ payload }) => payload.Name)).toEqual(['One', 'Two']);
    expect(later.map(({ payload }) => payload.Name)).toEqual(['Two']);
  });

  test('gives replay ids that are in order and not contiguous', async () => {
    for (let n = 0; n < 8; n += 1) await rename(`Name ${n}`);

    const ids = (await jsforceHears(-2, 8, async () => undefined)).map(
      ({ event }) => event.replayId,
    );

    expect(ids).toEqual(ids.toSorted((left, right) => left - right));
    expect((ids.at(-1) ?? 0) - (ids[0] ?? 0)).toBeGreaterThan(ids.length);
  });

  test('keeps events for 72 hours, and refuses a place from before', async () => {
    await rename('Old');
    const [old] = await jsforceHears(-2, 1, async () => undefined);
    await control(twin, 'POST', '/clock', { advanceSeconds: 73 * 3600 });
    const { reply, cookie } = await bus(HANDSHAKE);

    const subscribe = {
      channel: '/meta/subscribe',
      clientId: reply['clientId'],
      subscription: CHANNEL,
      ext: { replay: { [CHANNEL]: old?.event.replayId } },
    };
    const refused = await bus(subscribe, cookie);

    expect(refused.reply).toMatchObject({
      successful: false,
      error: expect.stringMatching(/^400::The replayId/),
    });
  });

  test('knows a client by its cookie alone, and sends others to shake hands again', async () => {
    const { reply } = await bus(HANDSHAKE);

    const stranger = await bus({
      channel: '/meta/connect',
      clientId: reply['clientId'],
      connectionType: 'long-polling',
    });

    expect(stranger.reply).toMatchObject({
      successful: false,
      error: '403::Unknown client',
      advice: { reconnect: 'handshake' },
    });
  });

  test('lets nobody in without a live session', async () => {
    accessToken = 'stale';

    expect((await bus(HANDSHAKE)).reply).toMatchObject({
      successful: false,
      error: '403::Handshake denied',
    });
  });

  test('tells of one change of several records in one transaction by one event with all ids', async () => {
    const assertion = await assertionFor(twin);
    const { body } = await askToken(twin, { grant_type: JWT_GRANT, assertion });
    const { access_token: token } = body as { access_token: string };
    const both = [FIXTURE_IDS.account, FIXTURE_IDS.parentAccount];
    const [event] = await jsforceHears(-1, 1, async () => {
      await fetch(`${twin.url}/services/data/v67.0/composite/sobjects`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'sforce-call-options': 'client=Somebody',
        },
        body: JSON.stringify({
          records: both.map((id) => ({ attributes: { type: 'Account' }, id, Type: 'Prospect' })),
        }),
      });
    });

    expect(event?.payload.ChangeEventHeader).toMatchObject({
      recordIds: both,
      changeOrigin: 'com/salesforce/api/rest/67.0;client=Somebody',
    });
  });
});
