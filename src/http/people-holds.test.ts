import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';
import { openHold } from '../intake/people-holds.ts';
import { holdNoticed, noticeRemovals } from '../intake/removals.ts';
import type { Role } from '../security/permissions.ts';

let api: TestApi;
const keys = new Map<Role, string>();
const ROLES: readonly Role[] = ['viewer', 'editor', 'licence-manager', 'admin'];

beforeAll(async () => {
  api = await testApi();
  for (const role of ROLES) keys.set(role, (await api.person('acme', [role])).key);
});
afterAll(() => api.close());

const call = (role: Role, method: string, path: string, body?: unknown): Promise<Answer> =>
  api.call(method, `/api/v1/${path}`, {
    key: keys.get(role),
    ...(body === undefined ? {} : { body }),
  });

/** A hold of some people of a connection, as a pull opens one. */
function hold(connection: string, people: number): Promise<string> {
  return api.deps.store.withTenant('acme', async (tx) => {
    const removals = Array.from({ length: people }, (_, at) => ({
      recordId: `u-${at}`,
      kind: 'deactivated' as const,
    }));
    await noticeRemovals(tx, { connection, stream: 'Users', runId: 'run_1' }, removals);
    const id = await openHold(tx, { connection, cap: 10, activeAccounts: 60 });
    await holdNoticed(tx, connection, id);
    return id;
  });
}

describe('F-76: a mass deactivation', () => {
  test('is counted in the status, listed and shown to everybody who may read', async () => {
    const id = await hold('people', 12);

    const status = await call('viewer', 'GET', 'status');
    const list = await call('viewer', 'GET', 'people-holds?status=open');
    const shown = await call('viewer', 'GET', `people-holds/${id}`);

    expect(status.body.openPeopleHolds).toBe(1);
    expect(list.body.data).toMatchObject([
      { id, connection: 'people', status: 'open', removals: 12, cap: 10, activeAccounts: 60 },
    ]);
    expect(shown.body.records).toHaveLength(12);
  });

  test.each([
    ['viewer', 403],
    ['editor', 403],
    ['licence-manager', 202],
    ['admin', 202],
  ] as const)('a %s who confirms it is answered %s', async (role, status) => {
    const id = await hold(`by-${role}`, 12);

    const answer = await call(role, 'POST', `people-holds/${id}:confirm`);

    expect(answer.status).toBe(status);
    const after = await call('viewer', 'GET', `people-holds/${id}`);
    expect(after.body.status).toBe(status === 202 ? 'confirmed' : 'open');
  });

  test('that is decided is decided: the second word is a conflict, and only no may become yes', async () => {
    const id = await hold('twice', 12);

    const no = await call('admin', 'POST', `people-holds/${id}:reject`);
    const again = await call('admin', 'POST', `people-holds/${id}:reject`);
    const yes = await call('admin', 'POST', `people-holds/${id}:confirm`);
    const back = await call('admin', 'POST', `people-holds/${id}:reject`);

    expect([no.status, again.status, yes.status, back.status]).toEqual([200, 409, 202, 409]);
    expect(no.body.decidedBy).toMatch(/^person:/);
  });

  test('of another company does not exist', async () => {
    const id = await hold('elsewhere', 12);
    const { key } = await api.person('globex', ['admin']);

    const answer = await api.call('POST', `/api/v1/people-holds/${id}:confirm`, { key });

    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });
});

describe('the limits', () => {
  test('have defaults, are replaced as a whole, and only by an administrator', async () => {
    const limits = { people: 3, percent: 2, hours: 48, records: 5, recordsPercent: 1 };

    const before = await call('viewer', 'GET', 'people-limits');
    const refused = await call('licence-manager', 'PUT', 'people-limits', limits);
    const wrong = await call('admin', 'PUT', 'people-limits', { people: -1 });
    const put = await call('admin', 'PUT', 'people-limits', limits);
    const after = await call('viewer', 'GET', 'people-limits');

    expect(before.body).toEqual({
      people: 10,
      percent: 5,
      hours: 24,
      records: 20,
      recordsPercent: 10,
    });
    expect([refused.status, wrong.status, put.status]).toEqual([403, 422, 200]);
    expect(after.body).toEqual(limits);
  });
});
