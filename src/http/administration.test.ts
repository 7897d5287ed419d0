import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';
import { bootstrapTenant } from '../app/flows/bootstrap-tenant.ts';
import { ensureTenant } from '../db/tenants.ts';

let api: TestApi;
let admin: string;
let operator: string;

beforeAll(async () => {
  api = await testApi();
  admin = (await api.person('acme', ['admin'], 'Ada')).key;
  await ensureTenant(api.deps.store, { id: 'default', name: 'Default' });
  const first = await bootstrap('default');
  operator = first?.text ?? '';
});
afterAll(() => api.close());

const bootstrap = (id: string, freshKey = false) =>
  bootstrapTenant(api.deps, {
    id,
    name: id,
    admin: { name: 'Administrator' },
    actor: 'system:first-start',
    freshKey,
  });
const post = (path: string, body: unknown, key = admin): Promise<Answer> =>
  api.call('POST', path, { key, body });
const get = (path: string, key = admin): Promise<Answer> => api.call('GET', path, { key });

describe('the first start of a company', () => {
  test('makes one administrator with a key and the schedules, also when two processes start at once', async () => {
    const [one, two] = await Promise.all([bootstrap('globex'), bootstrap('globex')]);

    const made = [one, two].filter((each) => each !== null);
    expect(made).toHaveLength(1);
    expect((await get('/api/v1/me', made[0]?.text)).body).toMatchObject({
      tenantId: 'globex',
      personName: 'Administrator',
      roles: ['admin', 'approver'],
    });
    const schedules = await api.deps.store.readTenant('globex', (tx) =>
      tx.sql('select from schedule'),
    );
    expect(schedules.length).toBeGreaterThan(3);
  });

  test('done again changes nothing, and gives the same person a key when the old one was lost', async () => {
    expect(await bootstrap('globex')).toBeNull();

    const again = await bootstrap('globex', true);

    const people = (await get('/api/v1/users', again?.text)).body.data;
    expect(people).toHaveLength(1);
    expect(people[0].id).toBe(again?.personId);
  });
});

describe('companies', () => {
  test('are added with an administrator whose key works there and nowhere else', async () => {
    const made = await post(
      '/api/v1/tenants',
      { id: 'initech', name: 'Initech', admin: { name: 'Bill' } },
      operator,
    );

    expect([made.status, made.body.id, made.body.admin.name]).toEqual([201, 'initech', 'Bill']);
    expect((await get('/api/v1/me', made.body.key.text)).body.tenantId).toBe('initech');
    expect((await get('/api/v1/users', made.body.key.text)).body.data).toHaveLength(1);
    expect(
      (await get('/api/v1/tenants', operator)).body.data.map((each: { id: string }) => each.id),
    ).toContain('initech');
    expect((await get('/api/v1/audit-events', operator)).body.data[0]).toMatchObject({
      action: 'tenant.created',
      subjectId: 'initech',
    });
  });

  test.each([
    [{ id: 'initech', name: 'Again', admin: { name: 'B' } }, 409],
    [{ id: 'Init_ech', name: 'x', admin: { name: 'B' } }, 422],
    [{ id: 'x', name: ' ', admin: { name: 'B' } }, 422],
    [{ id: 'x', name: 'x' }, 422],
  ])('are refused as %j', async (body, status) => {
    expect((await post('/api/v1/tenants', body, operator)).status).toBe(status);
  });

  test('are managed by nobody but the operator', async () => {
    expect(
      (await post('/api/v1/tenants', { id: 'mine', name: 'Mine', admin: { name: 'Ada' } })).status,
    ).toBe(403);
  });
});

describe('people', () => {
  test('are added with their roles, and each key carries a part of them', async () => {
    const bob = await post('/api/v1/users', {
      name: ' Bob ',
      email: 'bob@example.com',
      roles: ['viewer', 'approver', 'viewer'],
    });
    const key = await post('/api/v1/keys', {
      personId: bob.body.id,
      roles: ['viewer'],
      label: 'report',
    });

    expect(bob.body).toMatchObject({
      name: 'Bob',
      roles: ['approver', 'viewer'],
      status: 'active',
    });
    expect((await get('/api/v1/me', key.body.text)).body.roles).toEqual(['viewer']);
    const { data } = (await get('/api/v1/keys')).body;
    expect(data.find((each: { id: string }) => each.id === key.body.id)).toMatchObject({
      label: 'report',
      createdBy: expect.stringMatching(/^person:usr_/),
    });
    expect(JSON.stringify(data)).not.toContain(key.body.text.split('_').at(-1));
  });

  test('are refused with an address that another one has, in any case', async () => {
    await post('/api/v1/users', { name: 'Eve', email: 'eve@example.com', roles: ['viewer'] });

    expect(
      (await post('/api/v1/users', { name: 'Eva', email: 'EVE@example.com', roles: ['viewer'] }))
        .status,
    ).toBe(409);
  });

  test('get other roles, which their keys lose and gain at once', async () => {
    const { id, key } = await api.person('acme', ['viewer', 'admin'], 'Cora');

    const demoted = await api.call('PATCH', `/api/v1/users/${id}`, {
      key,
      body: { roles: ['viewer'] },
    });
    const refused = await api.call('PATCH', `/api/v1/users/${id}`, {
      key,
      body: { roles: ['admin'] },
    });
    const mine = await get('/api/v1/me', key);

    expect([demoted.status, demoted.body.roles]).toEqual([200, ['viewer']]);
    expect([refused.status, mine.body.roles]).toEqual([403, ['viewer']]);
  });

  test('that were disabled are let in again, with the keys they had', async () => {
    const { id, key } = await api.person('acme', ['viewer'], 'Dora');
    await post(`/api/v1/users/${id}:disable`, undefined);
    const whileOut = (await get('/api/v1/me', key)).status;

    const enabled = await api.call('PATCH', `/api/v1/users/${id}`, {
      key: (await api.person('acme', ['admin'], 'Fay')).key,
      body: { status: 'active' },
    });

    expect([whileOut, enabled.body.status, (await get('/api/v1/me', key)).status]).toEqual([
      401,
      'active',
      200,
    ]);
  });

  test('the last administrator keeps that role', async () => {
    const { id, key } = await api.person('initech', ['admin'], 'Only');
    const { data } = (await get('/api/v1/users', key)).body;
    for (const other of data.filter((each: { id: string }) => each.id !== id)) {
      await api.call('POST', `/api/v1/users/${other.id}:disable`, { key });
    }

    const answer = await api.call('PATCH', `/api/v1/users/${id}`, {
      key,
      body: { roles: ['viewer'] },
    });

    expect([answer.status, answer.text]).toEqual([422, expect.stringMatching(/last admin/)]);
  });

  test('the last administrator cannot be disabled, not even by two at once', async () => {
    const { store } = api.deps;
    const { key, id } = await api.person('globex', ['admin'], 'Second');
    const [first] = (await get('/api/v1/users', key)).body.data;

    const answers = await Promise.all(
      [id, first.id].map((each) => api.call('POST', `/api/v1/users/${each}:disable`, { key })),
    );

    expect(answers.map((answer) => answer.status).filter((status) => status === 200)).toHaveLength(
      1,
    );
    const left = await store.readTenant('globex', (tx) =>
      tx.sql(`select from person p where p.status = 'active'`),
    );
    expect(left).toHaveLength(1);
  });
});

describe('settings', () => {
  const put = (path: string, body: unknown): Promise<Answer> =>
    api.call('PUT', path, { key: admin, body });

  test('have defaults, are replaced as a whole, and leave their neighbours alone', async () => {
    expect((await get('/api/v1/settings')).body).toMatchObject({
      renewalLeadDays: 90,
      noticeDays: 60,
    });
    expect((await get('/api/v1/retention')).body).toMatchObject({ runs: 400, inbox: 90 });

    const changed = await put('/api/v1/settings', {
      renewalLeadDays: 120,
      approval: { autoApproveUpTo: [{ amount: '5000.00', currency: 'EUR' }] },
    });
    const kept = await put('/api/v1/retention', { runs: 30 });

    expect([changed.status, kept.status]).toEqual([200, 200]);
    expect((await get('/api/v1/settings')).body).toEqual(changed.body);
    expect((await get('/api/v1/retention')).body).toMatchObject({ runs: 30, inbox: 90 });
    const actions = (await get('/api/v1/audit-events')).body.data.map(
      (each: { action: string }) => each.action,
    );
    expect(actions.slice(0, 2)).toEqual(['retention.changed', 'settings.changed']);
  });

  test.each([
    ['/api/v1/settings', { renewalLeadDays: -1 }, 422],
    [
      '/api/v1/settings',
      { approval: { autoApproveUpTo: [{ amount: 5000, currency: 'EUR' }] } },
      422,
    ],
    ['/api/v1/settings', { colour: 'red' }, 422],
    ['/api/v1/settings', { crm: 'nowhere' }, 404],
    ['/api/v1/retention', { runs: 0 }, 422],
    ['/api/v1/retention', { audit: 1 }, 422],
  ])('%s refuses %j', async (path, body, status) => {
    expect((await put(path, body)).status).toBe(status);
  });

  test('do not take a connection for what it is not', async () => {
    await post('/api/v1/connections', {
      name: 'files',
      connector: 'file',
      config: { directory: '/tmp' },
      check: false,
    });

    const answer = await put('/api/v1/settings', { erp: 'files' });

    expect([answer.status, answer.body.detail]).toEqual([
      422,
      'Connection "files" has the role file, not erp.',
    ]);
  });
});
