import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../test/support/api.ts';
import type { TenantTx } from '../db/store.ts';
import { addConnection } from '../intake/connections.ts';
import { takeCalls } from '../intake/budgets.ts';
import { openRun } from '../intake/runs.ts';

const PATH = '/api/v1/connections/people/budget';
let api: TestApi;
let admin: string;
let viewer: string;

beforeAll(async () => {
  api = await testApi();
  admin = (await api.person('acme', ['admin'])).key;
  viewer = (await api.person('acme', ['viewer'])).key;
  const connection = { id: 'people', connector: 'scim', role: 'directory', config: {}, allowPrivateNetwork: false } as const; // prettier-ignore
  await inTx((tx) => addConnection(tx, connection));
});
afterAll(() => api.close());

const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  api.deps.store.withTenant('acme', fn);
const put = (body: object, key = admin) => api.call('PUT', PATH, { key, body });

describe('the call budget of a connection', () => {
  test('has no limit and a reserve of a tenth until somebody sets one', async () => {
    const { status, body } = await api.call('GET', PATH, { key: viewer });

    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        dailyCalls: null,
        reservePercent: 10,
        concurrency: null,
        usedRatio: null,
      }),
    ]);
  });

  test('shows what is used, what reading may use and when it is whole again', async () => {
    await put({ dailyCalls: 1000, reservePercent: 20, concurrency: 3 });
    await inTx((tx) => takeCalls(tx, 'people', 'read'));

    const { body } = await api.call('GET', PATH, { key: viewer });

    expect(body).toMatchObject({
      dailyCalls: 1000,
      readableCalls: 800,
      concurrency: 3,
      usedToday: 25,
      usedRatio: 0.025,
      resetsAt: expect.stringMatching(/T00:00:00\.000Z$/),
    });
  });

  test('what is left out goes back to its default', async () => {
    await put({ dailyCalls: 1000, reservePercent: 20, concurrency: 3 });

    const { body } = await put({ dailyCalls: 7 });

    expect(body).toMatchObject({ dailyCalls: 7, reservePercent: 10, concurrency: null });
  });

  test.each([{ dailyCalls: 0 }, { reservePercent: 91 }, { concurrency: 101 }, { dailyCalls: 1.5 }, { daily: 3 }])(
    '%j does not fit',
    async (body) => {
      expect((await put(body)).status).toBe(422);
    },
  ); // prettier-ignore

  test('is changed by who may change connections, and the audit tells what it was', async () => {
    await put({ dailyCalls: 50 });
    const refused = await put({ dailyCalls: 60 }, viewer);
    await put({ dailyCalls: 70 });
    const rows = await inTx((tx) =>
      tx.sql<{ details: object }>(
        `select a.details from audit_event a where a.action = 'connection.budget-changed' order by a.id desc limit 1`,
      ),
    );

    expect(refused.status).toBe(403);
    expect(rows[0]?.details).toMatchObject({ before: { dailyCalls: 50 }, after: { dailyCalls: 70 } }); // prettier-ignore
  });

  test('that is raised wakes the reads that wait for it', async () => {
    const facts = { connection: 'people', trigger: 'person', requestedBy: 'system:test', full: true, streams: ['Users'] } as const; // prettier-ignore
    const run = await inTx((tx) => openRun(tx, facts));
    await inTx((tx) => tx.run(`update run_stream set status = 'parked', resume_at = app.clock() + interval '9 hours' where run_id = $1`, [run])); // prettier-ignore
    api.woken.length = 0;

    await put({ dailyCalls: 5000 });

    expect(api.woken).toContainEqual(expect.objectContaining({ job: 'pull', key: `${run}/Users` }));
  });

  test('of a connection that is not there is not there', async () => {
    const path = '/api/v1/connections/none/budget';

    const shown = await api.call('GET', path, { key: admin });
    const changed = await api.call('PUT', path, { key: admin, body: {} });

    expect([shown.status, changed.status]).toEqual([404, 404]);
  });
});
