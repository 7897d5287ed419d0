import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loopbackEgress } from '../../test/support/egress.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { mockHttp } from '../../test/support/http-mock.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import connector from './index.ts';
import { mergeSeats } from './merge-seats.ts';

const API = 'https://api.example.test';
const WINDOW = { mode: 'full', from: null, to: null } as const;
const mock = mockHttp();

const open = (config: JsonObject = { organization: 'acme' }): Promise<ConnectorSession> =>
  connector.open({
    connection: 'copilot',
    config: connector.config.parse({ apiUrl: API, ...config }),
    ...heldSecrets({ token: 'secret-token' }),
    egress: loopbackEgress(),
    clock: fixedClock('2026-03-02T08:00:00Z'),
    logger: silentLogger,
  });

const seat = (id: number, more: JsonObject = {}): JsonObject => ({
  assignee: { id, login: `octo-${id}`, type: 'User' },
  created_at: '2025-09-01T08:00:00Z',
  ...more,
});
const page = (number: number, total: number, seats: readonly JsonObject[], base = '/orgs/acme') =>
  mock
    .origin(API)
    .get(`${base}/copilot/billing/seats`)
    .query({ page: number, per_page: 100 })
    .reply(200, { total_seats: total, seats }, { 'content-type': 'application/json' });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => seat(from + at)); // prettier-ignore

describe('a list by page numbers', () => {
  test('F-31: a seat pulled over the edge by a removal is found by reading the list again', async () => {
    // Seat 0 goes after the first page: what was row 100 becomes row 99 and is on no page.
    page(1, 151, range(0, 100));
    page(2, 150, range(101, 151));
    page(1, 150, range(1, 101));
    page(2, 150, range(101, 151));
    const session = await open();

    const { records, next } = await session.readPage('seats', WINDOW, null);

    expect(next).toBeNull();
    expect(records.map(({ id }) => Number(id)).toSorted((a, b) => a - b)).toEqual(
      range(1, 151).map((_, at) => at + 1),
    );
  });

  test('a list that never comes to its total is handed on as it is, for the certificate to refuse', async () => {
    for (let walk = 0; walk < 3; walk += 1) page(1, 9, range(0, 8));
    const session = await open();

    const { records } = await session.readPage('seats', WINDOW, null);

    expect(records).toHaveLength(8);
  });

  test('nothing is taken for gone while the list is not whole', async () => {
    for (let walk = 0; walk < 6; walk += 1) page(1, 9, range(0, 8));
    const session = await open();

    await expect(session.readByIds('seats', ['1', '8'])).rejects.toThrow(/changes faster/);
    await expect(session.listKeys('seats', WINDOW)).rejects.toThrow(/changes faster/);
  });

  test('pages go on in another session exactly where they stood', async () => {
    for (let read = 0; read < 2; read += 1) {
      for (let at = 0; at < 6; at += 1) page(at + 1, 600, range(1000 + at * 100, 1100 + at * 100));
      page(7, 600, []);
    }
    const first = await (await open()).readPage('seats', WINDOW, null);

    const second = await (await open()).readPage('seats', WINDOW, first.next);

    const ids = [...first.records, ...second.records].map(({ id }) => id);
    expect([first.records.length, second.records.length, new Set(ids).size]).toEqual([500, 100, 600]); // prettier-ignore
  });
});

describe('an enterprise', () => {
  test('a user of two organisations is one seat, as GitHub counts', async () => {
    page(1, 1, [
      seat(7, { organization: { login: 'b' }, last_activity_at: '2026-02-01T00:00:00Z', pending_cancellation_date: '2026-03-31' }),
      seat(7, { organization: { login: 'a' }, last_activity_at: '2026-02-09T00:00:00Z' }),
    ], '/enterprises/meridian'); // prettier-ignore
    const session = await open({ enterprise: 'meridian' });

    const { records } = await session.readPage('seats', WINDOW, null);

    expect(records).toMatchObject([
      {
        id: '7',
        data: {
          organizations: ['a', 'b'],
          last_activity_at: '2026-02-09T00:00:00Z',
          pending_cancellation_date: null,
        },
      },
    ]);
  });

  test('the order in which rows come changes nothing', () => {
    const rows = [1, 2, 3].flatMap((id) =>
      ['a', 'b'].map(
        (login) =>
        seat(id, { organization: { login }, last_activity_at: `2026-02-0${id}T0${login === 'a' ? 1 : 2}:00:00Z` }), // prettier-ignore
      ),
    );

    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(mergeSeats(shuffled)).toEqual(mergeSeats(rows));
      }),
    );
  });
});

describe('refusals', () => {
  test.each([
    ['F-17: retry-after', 429, { 'retry-after': '30' }, '2026-03-02T08:00:30.000Z'],
    ['none left until the reset', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1772439600' }, '2026-03-02T08:20:00.000Z'],
  ])('%s is a limit with its time', async (_what, status, headers, when) => {
    mock.origin(API).get('/orgs/acme/copilot/billing/seats').query(true).reply(status, { message: 'slow down' }, headers as never);
    const session = await open();

    const error: unknown = await session.countWindow('seats', WINDOW).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'rate_limited', retryAt: new Date(when) });
  }); // prettier-ignore

  test('a 403 without a limit is a matter of rights', async () => {
    mock.origin(API).get('/orgs/acme/copilot/billing/seats').query(true).reply(403, { message: 'Must have admin rights' }, { 'content-type': 'application/json' }); // prettier-ignore
    const session = await open();

    await expect(session.countWindow('seats', WINDOW)).rejects.toMatchObject({ code: 'auth_expired' }); // prettier-ignore
  });

  test('neither an organisation nor an enterprise, or both, is no connection', () => {
    expect(connector.config.safeParse({}).success).toBe(false);
    expect(connector.config.safeParse({ organization: 'a', enterprise: 'b' }).success).toBe(false);
  });
});
