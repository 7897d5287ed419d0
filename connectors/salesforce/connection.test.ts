import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ForbiddenError } from '../../src/kernel/errors.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import {
  control,
  foreignKey,
  openSalesforce,
  startSalesforce,
} from '../../test/support/salesforce-session.ts';
import { loopbackEgress } from '../../test/support/egress.ts';
import { fixtureWorld } from './twin/fixture-world.ts';

let twin: RunningTwin;
let session: ConnectorSession;

beforeAll(async () => {
  twin = await startSalesforce();
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  session = await openSalesforce(twin);
});

describe('checking', () => {
  test('an organisation with the package has nothing to mend', async () => {
    const checks = await session.check();

    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(checks.map((check) => check.name)).toContain('write Contract.Trueup_Id__c');
  });

  test('without the package each missing field is named with the way to add it', async () => {
    const bare = await startSalesforce(fixtureWorld({ packages: [] }));
    const checks = await (await openSalesforce(bare)).check();
    await bare.stop();
    const missing = checks.filter((check) => !check.ok);

    expect(missing.map((check) => check.name)).toContain(
      'write Asset.Trueup_Entitlement_Status__c',
    );
    expect(missing.every((check) => check.fix?.includes('connectors/salesforce/package'))).toBe(
      true,
    );
  });

  test('a bulk query that may not be made is named with what to do instead', async () => {
    const bulk = async () => (await session.check()).find(({ name }) => name === 'bulk');
    const allowed = await bulk();
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { path: '/jobs/query' }, action: 'status', status: 403 }],
    });

    expect(allowed).toMatchObject({ ok: true });
    expect(await bulk()).toMatchObject({ ok: false, fix: expect.stringContaining('bulkFrom') });
  });

  test('describe names keys, references and what cannot be written', async () => {
    const { fields } = await session.describe('Opportunity');
    const field = (name: string) => fields.find((each) => each.name === name);

    expect(field('Trueup_Id__c')).toMatchObject({ key: true, custom: true, readOnly: false });
    expect(field('AccountId')).toMatchObject({ reference: 'Account' });
    expect(field('IsWon')).toMatchObject({ readOnly: true });
    expect(field('StageName')).toMatchObject({ required: true });
  });
});

describe('checking change events', () => {
  const refusal = JSON.stringify([
    { channel: '/meta/subscribe', successful: false, error: '403::User not allowed to subscribe' },
  ]);
  /** The vendor refuses these calls of the bus; the first one is the handshake. */
  const refuse = (calls: readonly number[]) =>
    control(twin, 'PUT', '/faults', {
      rules: calls.map((nth) => ({
        match: { path: '/cometd' },
        nth,
        action: 'status',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: refusal,
      })),
    });
  const line = async (changeEvents = true) => {
    const listening = await openSalesforce(twin, { config: { changeEvents } });
    return (await listening.check()).find(({ name }) => name === 'change events');
  };

  test('a connection that listens is told which streams it hears, another has no such line', async () => {
    expect(await line()).toMatchObject({ ok: true, detail: expect.stringContaining('Account') });
    expect(await line(false)).toBeUndefined();
  });

  test('a stream that is not published to us is named and no mistake: the vendor lets few be chosen', async () => {
    await refuse([2]);

    expect(await line()).toMatchObject({
      ok: true,
      detail: expect.stringContaining('on schedule alone: Account (403::User not allowed'),
    });
  });

  test.each([
    ['no stream is published', Array.from({ length: 20 }, (_, at) => at + 2), '403::User'],
    ['the bus is closed to us', null, 'joining the event bus'],
  ])('when %s, the missing right and setting are named', async (_, calls, said) => {
    if (calls !== null) await refuse(calls);
    else
      await control(twin, 'PUT', '/faults', {
        rules: [{ match: { path: '/cometd' }, action: 'status', status: 403 }],
      });

    expect(await line()).toMatchObject({
      ok: false,
      detail: expect.stringContaining(said),
      fix: expect.stringMatching(/Change Data Capture.*View All.*changeEvents=false/),
    });
  });
});

describe('failing', () => {
  test('a key that the connected app does not know is expired credentials, by every door', async () => {
    const wrong = await openSalesforce(twin, { secrets: { privateKey: foreignKey() } });

    await expect(wrong.openWindow('Account', null)).rejects.toMatchObject({ name: 'AuthExpired' });
    expect(await wrong.check()).toMatchObject([{ name: 'login', ok: false }]);
  });

  test.each(['oauth2/token', 'sobjects', 'limits', 'jobs/query'])(
    'an outage at %s is no failed check: it says nothing about credentials or rights',
    async (path) => {
      const fresh = await openSalesforce(twin);
      await control(twin, 'PUT', '/faults', {
        rules: [{ match: { path }, action: 'status', status: 503 }],
      });

      await expect(fresh.check()).rejects.toMatchObject({ name: 'RemoteUnavailable' });
    },
  );

  test('client credentials log in as well', async () => {
    const other = await openSalesforce(twin, { config: { grant: 'client_credentials' } });

    expect((await other.check())[0]).toMatchObject({ name: 'login', ok: true });
  });

  test('F-19: a session that ends between pages is renewed once and the page is read', async () => {
    const window = await session.openWindow('Account', null);
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { path: 'queryAll' }, nth: 1, action: 'expire_token' }],
    });
    const page = await session.readPage('Account', window, null);

    expect(page.records).toHaveLength(2);
  });

  test('a session that is refused again and again ends in AuthExpired, not in a loop', async () => {
    const window = await session.openWindow('Account', null);
    await control(twin, 'PUT', '/faults', {
      rules: [{ match: { path: 'queryAll' }, action: 'expire_token' }],
    });

    await expect(session.readPage('Account', window, null)).rejects.toMatchObject({
      name: 'AuthExpired',
    });
  });

  test.each(['reset_before', 'truncate_body', 'malformed_json'])(
    'F-22: an answer that is none (%s) is RemoteUnavailable, without a stack of foreign errors',
    async (action) => {
      const window = await session.openWindow('Account', null);
      await control(twin, 'PUT', '/faults', { rules: [{ match: { path: 'queryAll' }, action }] });

      await expect(session.readPage('Account', window, null)).rejects.toMatchObject({
        name: 'RemoteUnavailable',
      });
    },
  );

  test('a host that the egress guard forbids is never called', async () => {
    const forbid = (): Promise<never> => Promise.reject(new ForbiddenError('private address'));
    const guarded = await openSalesforce(twin, {
      egress: { ...loopbackEgress(), assertAllowed: forbid },
    });

    await expect(guarded.openWindow('Account', null)).rejects.toMatchObject({
      name: 'ForbiddenError',
    });
  });

  test('an unreachable host is RemoteUnavailable at once', async () => {
    const gone = await openSalesforce(twin, {
      config: { loginUrl: 'http://127.0.0.1:9', instanceUrl: 'http://127.0.0.1:9' },
    });

    await expect(gone.openWindow('Account', null)).rejects.toMatchObject({
      name: 'RemoteUnavailable',
    });
  });

  test.each([
    ['a login page with status 200', 200, { 'content-type': 'text/html' }],
    ['a redirect', 302, { location: 'http://169.254.169.254/' }],
  ])('%s is RemoteUnavailable and is not followed', async (_, status, headers) => {
    const server = createServer(
      (_request, response) => void response.writeHead(status, headers).end('<html></html>'),
    );
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const open = await openSalesforce(twin, { config: { loginUrl: url, instanceUrl: url } });

    await expect(open.openWindow('Account', null)).rejects.toMatchObject({
      name: 'RemoteUnavailable',
    });
    server.closeAllConnections();
    server.close();
  });

  test('an object that the organisation does not have is refused by name', async () => {
    await expect(session.describe('Nope')).rejects.toMatchObject({ name: 'RemoteRejected' });
  });
});
