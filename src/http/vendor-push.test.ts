import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';
import { control, startSalesforce } from '../../test/support/salesforce-session.ts';
import {
  outboundMessage,
  type OutboundNote,
} from '../../connectors/salesforce/twin/outbound-messages.ts';
import { fixtureWorld, FIXTURE_IDS } from '../../connectors/salesforce/twin/fixture-world.ts';
import type { RunningTwin } from '../sdk/define-twin.ts';
import { silentLogger, type Logger } from '../kernel/logger.ts';

const TOKEN = `path_${'a'.repeat(43)}`;
const NEXT_TOKEN = `path_${'b'.repeat(43)}`;
const ORG = '00DFx0000000001';
const WON: OutboundNote = {
  notification: '04lTw0000000001AAA',
  object: 'Opportunity',
  id: FIXTURE_IDS.opportunity,
};

const logged: string[] = [];
const listening: Logger = {
  ...silentLogger,
  debug: (...said) => void logged.push(JSON.stringify(said)),
  warn: (...said) => void logged.push(JSON.stringify(said)),
  child: () => listening,
};

let api: TestApi;
let twin: RunningTwin;
let admin: string;

beforeAll(async () => {
  twin = await startSalesforce(fixtureWorld());
  api = await testApi({ logger: listening });
  admin = (await api.person('acme', ['admin'])).key;
  await add('crm', { organizationId: ORG });
});
afterAll(async () => {
  await twin.stop();
  await api.close();
});

async function add(name: string, config: object, secret = TOKEN): Promise<Answer> {
  const { credentials } = twin;
  return await api.call('POST', '/api/v1/connections', {
    key: admin,
    body: {
      name,
      connector: 'salesforce',
      config: { ...credentials.config, ...config },
      secrets: { ...credentials.secrets, webhookSecret: secret },
      allowPrivateNetwork: true,
      check: false,
    },
  });
}

interface Sent {
  readonly connection?: string;
  readonly token?: string;
  readonly notes?: readonly OutboundNote[];
  readonly organization?: string;
  readonly body?: string | Buffer;
}

async function send(sent: Sent = {}): Promise<Answer> {
  const { connection = 'crm', token = TOKEN, notes = [WON], organization = ORG } = sent;
  return await api.call('POST', `/hooks/${connection}/${token}?tenant=acme`, {
    body: Buffer.from(sent.body ?? outboundMessage(organization, notes)),
    headers: { 'content-type': 'text/xml; charset=UTF-8' },
  });
}

const notes = (count: number, from = 0): readonly OutboundNote[] =>
  Array.from({ length: count }, (_, n) => ({
    ...WON,
    notification: `04lTw0${String(from + n).padStart(9, '0')}AAA`,
  }));

async function rows(table: string, where = ''): Promise<number> {
  const [row] = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql<{ count: number }>(`select count(*)::int as count from ${table} ${where}`),
  );
  return row?.count ?? 0;
}

const settle = () =>
  api.deps.store.withTenant('acme', (tx) => tx.run(`update run_stream set status = 'succeeded'`));

describe('an Outbound Message', () => {
  test('is kept, asks for a read of what it names, and is acknowledged as the vendor expects', async () => {
    const answer = await send();

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/xml/);
    expect(answer.text).toContain('<Ack>true</Ack>');
    expect(
      await rows(
        'inbox',
        `where event_id = '${WON.notification}' and record_id = '${WON.id}' and object = 'Opportunity'`,
      ),
    ).toBe(1);
    expect(await rows('run_stream', `where stream = 'Opportunity' and status = 'waiting'`)).toBe(1);
  });

  test('F-42: of a hundred notifications, sent ten times at once, keeps each once and makes one read', async () => {
    await settle();
    const before = await rows('run');

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => send({ notes: notes(100, 1000) })),
    );

    expect(answers.every((answer) => answer.text.includes('<Ack>true</Ack>'))).toBe(true);
    expect(await rows('inbox', `where event_id like '04lTw0000001%'`)).toBe(100);
    expect(await rows('run')).toBe(before + 1);
  });

  test('F-47: that could not be kept is not acknowledged, and counts when it comes again', async () => {
    const [note] = notes(1, 5000);
    const sent = { notes: note === undefined ? [] : [note] };
    await api.deps.store.withTenant('acme', (tx) => tx.run(`delete from inbox`));
    const withTenant = api.deps.store.withTenant.bind(api.deps.store);
    let calls = 0;
    Object.assign(api.deps.store, {
      withTenant: async (id: string, fn: Parameters<typeof withTenant>[1], options: never) => {
        calls += 1;
        if (calls !== 2) return await withTenant(id, fn, options);
        return await withTenant(
          id,
          async (tx) => {
            await fn(tx);
            throw new Error('killed before the commit');
          },
          options,
        );
      },
    });

    const lost = await send(sent);
    Object.assign(api.deps.store, { withTenant });

    expect([lost.status, lost.text.includes('Ack')]).toEqual([500, false]);
    expect(await rows('inbox')).toBe(0);
    expect((await send(sent)).text).toContain('<Ack>true</Ack>');
    expect(await rows('inbox')).toBe(1);
  });

  test('from the twin itself, sent again until it is acknowledged, arrives', async () => {
    const url = `${api.url}/hooks/crm/${TOKEN}?tenant=acme`;
    await control(twin, 'PUT', '/hooks', { url, objects: ['Account'] });
    const before = await rows('inbox');

    await control(twin, 'POST', '/mutate', {
      object: 'Account',
      operation: 'update',
      id: FIXTURE_IDS.account,
      fields: { Name: 'Pushed' },
    });

    for (let n = 0; n < 100 && (await rows('inbox')) === before; n += 1) await delay(20);
    expect(await rows('inbox')).toBe(before + 1);
  });
});

describe('F-46: an Outbound Message is refused', () => {
  test('with another token, for another connection, and where none is set, in the same words', async () => {
    await add(
      'signed-only',
      { organizationId: ORG },
      `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    );
    const answers = [
      await send({ token: NEXT_TOKEN }),
      await send({ connection: 'nobody' }),
      await send({ connection: 'signed-only' }),
    ];

    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401]);
    expect(new Set(answers.map((answer) => answer.body.detail)).size).toBe(1);
  });

  test('with another token before its body is sent', async () => {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /hooks/crm/${NEXT_TOKEN}?tenant=acme HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: text/xml\r\ncontent-length: 2000000\r\n\r\n<`,
    );

    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(3000) })) as [
      Buffer,
    ];
    socket.destroy();

    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('from another organisation, and by a connection that names none', async () => {
    await add('anyone', {});

    expect((await send({ organization: '00DXx0000000001' })).status).toBe(403);
    expect((await send({ connection: 'anyone' })).status).toBe(403);
    expect(
      await rows('audit_event', `where action = 'hook.refused' and subject_id = 'anyone'`),
    ).toBe(1);
  });

  test('once its token was changed over, and not while both count', async () => {
    const rotate = (webhookSecret: string) =>
      api.call('POST', '/api/v1/connections/crm:rotate', {
        key: admin,
        body: { secrets: { ...twin.credentials.secrets, webhookSecret }, check: false },
      });
    await rotate(`${TOKEN},${NEXT_TOKEN}`);
    expect([(await send()).status, (await send({ token: NEXT_TOKEN })).status]).toEqual([200, 200]);

    await rotate(NEXT_TOKEN);

    expect([(await send()).status, (await send({ token: NEXT_TOKEN })).status]).toEqual([401, 200]);
    await rotate(TOKEN);
  });

  test.each([
    [
      'that declares a document type',
      `<!DOCTYPE x [<!ENTITY a "aaaa">]>${outboundMessage(ORG, [WON])}`,
    ],
    ['that is no XML', 'notifications please'],
    ['that is cut off', outboundMessage(ORG, [WON]).slice(0, 400)],
    ['that is nested without end', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`],
    ['with more than a hundred notifications', outboundMessage(ORG, notes(101, 9000))],
    ['without a record', outboundMessage(ORG, [{ ...WON, id: '' }])],
    ['whose record is called __proto__', outboundMessage(ORG, [{ ...WON, object: '__proto__:x' }])],
    ['that is not UTF-8', Buffer.from([0xff, 0xfe, 0x3c])],
    ['that is empty', ''],
  ])('%s, and nothing of it is kept', async (_, body) => {
    const before = await rows('inbox');

    const answer = await send({ body });

    expect([answer.status, answer.text.includes('Ack>')]).toEqual([422, false]);
    expect(await rows('inbox')).toBe(before);
  });

  test('larger than 2 MB', async () => {
    expect(
      (await send({ body: `${outboundMessage(ORG, [WON])}<!--${'x'.repeat(2_100_000)}-->` }))
        .status,
    ).toBe(413);
  });

  test('and its token is shown by no log and no answer', async () => {
    const answer = await send({ token: NEXT_TOKEN });
    await delay(20);

    expect(answer.body.instance).toBe('/hooks/crm/…');
    expect(logged.some((line) => line.includes('/hooks/crm/…'))).toBe(true);
    expect(logged.filter((line) => line.includes(TOKEN) || line.includes(NEXT_TOKEN))).toEqual([]);
  });
});
