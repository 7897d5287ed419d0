import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import { mapPushed } from '../../../test/support/map-pushed.ts';
import { addDirectory, ENTERPRISE, GROUP, patch, USER, type PushClient } from '../../../test/support/scim-push.ts'; // prettier-ignore
import { landedRecords } from '../../intake/landing.ts';
import { factsOf } from '../../ledger/facts.ts';

// The sequences that Okta and Entra ID send, request by request, and what becomes of them in the ledger.

let api: TestApi;
let okta: PushClient;
let entra: PushClient;
beforeAll(async () => {
  api = await testApi();
  okta = await addDirectory(api, 'okta');
  entra = await addDirectory(api, 'entra');
});
afterAll(() => api.close());

const filtered = (path: string, filter: string): string =>
  `${path}filter=${encodeURIComponent(filter)}`;

/** The facts of a login and of its seats, once all that was pushed is mapped. */
async function ledgerOf(connection: string, id: string) {
  await mapPushed(api);
  return await api.deps.store.readTenant('acme', async (tx) => {
    const [account] = await factsOf(tx, 'userAccount', { connection, refs: [id] });
    const seats = await factsOf(tx, 'seatAssignment', { connection });
    const own = seats.filter((seat) => seat.body.userAccountRef === id);
    return { account: account?.body ?? null, seats: own.map((seat) => seat.body.skuCode) };
  });
}

async function groupFact(connection: string, id: string) {
  await mapPushed(api);
  return await api.deps.store.readTenant('acme', async (tx) => {
    const [group] = await factsOf(tx, 'userGroup', { connection, refs: [id] });
    return group?.body ?? null;
  });
}

describe('Okta', () => {
  const profile = {
    schemas: [USER, ENTERPRISE],
    userName: 'test.user@okta.local',
    name: { givenName: 'Test', familyName: 'User' },
    emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
    displayName: 'Test User',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
    entitlements: [{ value: 'FIG-ORG', type: 'license' }],
    [ENTERPRISE]: { department: 'Engineering' },
  };

  test('tests the connection, looks the user up, creates, replaces, and deactivates without a path: the seat is free', async () => {
    const probe = await okta.call('GET', '/Users?startIndex=1&count=2');
    expect([probe.status, probe.body]).toEqual([
      200,
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        totalResults: 0,
        startIndex: 1,
        itemsPerPage: 0,
        Resources: [],
      },
    ]);

    const lookUp = filtered('/Users?', 'userName eq "test.user@okta.local"') + '&startIndex=1&count=100'; // prettier-ignore
    expect((await okta.call('GET', lookUp)).body.totalResults).toBe(0);

    const made = await okta.call('POST', '/Users', profile, { 'content-type': 'application/json' });
    expect([made.status, made.body.active]).toEqual([201, true]);
    expect(await ledgerOf('okta', made.body.id)).toMatchObject({
      account: { active: true, departmentName: 'Engineering', emails: ['test.user@okta.local'] },
      seats: ['FIG-ORG'],
    });

    const found = await okta.call('GET', lookUp);
    expect(found.body.Resources.map((each: { id: string }) => each.id)).toEqual([made.body.id]);

    const changed = { ...profile, id: made.body.id, emails: [{ primary: true, value: 'new.name@okta.local', type: 'work' }] }; // prettier-ignore
    const put = await okta.call('PUT', `/Users/${made.body.id}`, changed);
    expect([put.status, put.body.emails[0].value]).toEqual([200, 'new.name@okta.local']);
    // A changed e-mail address is not a leaver: the same login keeps its seat.
    expect(await ledgerOf('okta', made.body.id)).toMatchObject({
      account: { active: true, emails: ['new.name@okta.local'] },
      seats: ['FIG-ORG'],
    });

    const off = await okta.call('PATCH', `/Users/${made.body.id}`, patch({ op: 'replace', value: { active: false } })); // prettier-ignore
    expect([off.status, off.body.active]).toEqual([200, false]);
    expect(await ledgerOf('okta', made.body.id)).toMatchObject({ account: { active: false }, seats: [] }); // prettier-ignore
  });

  test('pushes a group: creates it, renames it by an object with an id, replaces its members', async () => {
    const [one, two] = [await okta.newUser(), await okta.newUser()];
    const made = await okta.call('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Test SCIMv2',
      members: [{ value: one.id, display: one.userName }],
    });
    expect(made.status).toBe(201);

    const renamed = await okta.call('PATCH', `/Groups/${made.body.id}`, patch({ op: 'replace', value: { id: made.body.id, displayName: 'Renamed' } })); // prettier-ignore
    const members = await okta.call('PATCH', `/Groups/${made.body.id}`, patch(
      { op: 'remove', path: `members[value eq "${one.id}"]` },
      { op: 'add', path: 'members', value: [{ value: two.id, display: two.userName }] },
    )); // prettier-ignore
    const found = await okta.call('GET', filtered('/Groups?', 'displayName eq "renamed"'));

    expect([renamed.status, members.status]).toEqual([204, 204]);
    expect(found.body.Resources[0].members.map((each: { value: string }) => each.value)).toEqual([two.id]); // prettier-ignore
    expect(await groupFact('okta', made.body.id)).toEqual({
      externalRef: made.body.id,
      displayName: 'Renamed',
      memberRefs: [two.id],
      childGroupRefs: [],
    });
    expect((await okta.call('DELETE', `/Groups/${made.body.id}`)).status).toBe(204);
    expect(await groupFact('okta', made.body.id)).toBeNull();
  });
});

describe('Entra ID', () => {
  test('asks for somebody who is not there, creates, changes with capital ops, disables with a text and restores', async () => {
    const guid = randomUUID();
    const nobody = await entra.call('GET', filtered('/Users?', `userName eq "${guid}"`));
    expect([nobody.status, nobody.body.totalResults, nobody.body.Resources]).toEqual([200, 0, []]);
    expect((await entra.call('GET', filtered('/Users?', `externalId eq "${guid}"`))).status).toBe(200); // prettier-ignore

    const made = await entra.call('POST', '/Users', {
      schemas: [USER, ENTERPRISE],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: 'Test_User_ab6490ee@testuser.example',
      active: true,
      emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b@testuser.example' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [],
    });
    expect(made.status).toBe(201);
    const path = `/Users/${made.body.id}`;

    const changed = await entra.call('PATCH', path, patch(
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updatedEmail@microsoft.example' },
      { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 555 0100' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' },
      { op: 'Add', path: `${ENTERPRISE}:manager`, value: '26118915-6090-4610-87e4-49d8ca9f808d' },
      { op: 'Add', value: { 'name.givenName': 'Updated', [`${ENTERPRISE}:employeeNumber`]: 'e-7', [`${ENTERPRISE}:costCenter`]: '4100' } },
    )); // prettier-ignore
    expect([changed.status, changed.body]).toMatchObject([
      200,
      {
        emails: [{ primary: true, type: 'work', value: 'updatedEmail@microsoft.example' }],
        phoneNumbers: [{ type: 'mobile', value: '+1 555 0100' }],
        name: { familyName: 'updatedFamilyName', givenName: 'Updated' },
        [ENTERPRISE]: {
          department: 'Sales',
          employeeNumber: 'e-7',
          costCenter: '4100',
          manager: { value: '26118915-6090-4610-87e4-49d8ca9f808d' },
        },
      },
    ]);

    const off = await entra.call('PATCH', path, patch({ op: 'Replace', path: 'active', value: 'False' })); // prettier-ignore
    expect([off.status, off.body.active]).toEqual([200, false]);
    expect(await ledgerOf('entra', made.body.id)).toMatchObject({
      account: { active: false, employeeNumber: 'E-7', departmentName: 'Sales' },
    });
    expect((await entra.call('GET', filtered('/Users?', 'active eq false'))).body.totalResults).toBe(1); // prettier-ignore

    const on = await entra.call('PATCH', path, patch({ op: 'Add', path: 'active', value: 'True' }));
    expect(on.body.active).toBe(true);
    expect(await ledgerOf('entra', made.body.id)).toMatchObject({ account: { active: true } });

    await entra.call('DELETE', path);
    expect((await entra.call('GET', path)).status).toBe(404);
    expect((await ledgerOf('entra', made.body.id)).account).toBeNull();
  });

  test('keeps a group: asks without members, adds, asks whether one is in it, removes by value and by filter', async () => {
    const [one, two] = [await entra.newUser(), await entra.newUser()];
    const made = await entra.call('POST', '/Groups', {
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'Everybody',
    });
    expect(made.status).toBe(201);
    const path = `/Groups/${made.body.id}`;
    const isIn = async (id: string) =>
      (await entra.call('GET', filtered('/Groups?excludedAttributes=members&', `id eq "${made.body.id}" and members eq "${id}"`))).body.totalResults; // prettier-ignore

    await entra.call('PATCH', path, patch({ op: 'Add', path: 'members', value: [{ value: one.id }, { value: two.id }] })); // prettier-ignore
    expect([await isIn(one.id), await isIn('dus_nobody')]).toEqual([1, 0]);
    expect((await entra.call('GET', `${path}?excludedAttributes=members`)).body.members).toBeUndefined(); // prettier-ignore

    await entra.call('PATCH', path, patch({ op: 'Remove', path: 'members', value: [{ value: one.id }] })); // prettier-ignore
    expect([await isIn(one.id), await isIn(two.id)]).toEqual([0, 1]);
    const twice = patch({ op: 'Remove', path: `members[value eq "${two.id}"]` });
    expect((await entra.call('PATCH', path, twice)).status).toBe(204);
    expect((await entra.call('PATCH', path, twice)).status).toBe(204);
    expect((await entra.call('GET', path)).body.members).toBeUndefined();
  });
});

test('F-73: a leaver who is hired again the same day has a login once more, whatever order the changes come in', async () => {
  const user = await entra.newUser({ entitlements: [{ value: 'ZOOM', type: 'license' }] });
  const set = (active: boolean) =>
    entra.call('PATCH', `/Users/${user.id}`, patch({ op: 'replace', path: 'active', value: active })); // prettier-ignore

  for (const active of [false, true, false, true]) await set(active);
  expect(await ledgerOf('entra', user.id)).toMatchObject({ account: { active: true }, seats: ['ZOOM'] }); // prettier-ignore

  await set(true);
  await set(false);
  expect(await ledgerOf('entra', user.id)).toMatchObject({ account: { active: false }, seats: [] });
});

test('who is removed leaves the groups too, in the ledger as in the answer', async () => {
  const [gone, stays] = [await entra.newUser(), await entra.newUser()];
  const { id } = await entra.newGroup('Both', [gone.id, stays.id]);
  expect((await groupFact('entra', id))?.memberRefs).toEqual([gone.id, stays.id]);

  await entra.call('DELETE', `/Users/${gone.id}`);

  expect((await groupFact('entra', id))?.memberRefs).toEqual([stays.id]);
});

test('F-76: a provider that deactivates everybody at once is held back, for a person to confirm', async () => {
  const wrong = await addDirectory(api, 'wrong');
  const users = [];
  for (let n = 0; n < 30; n += 1) users.push(await wrong.newUser());
  await mapPushed(api);

  for (const { id } of users)
    await wrong.call('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: false } }));
  await mapPushed(api);

  const accounts = await api.deps.store.readTenant('acme', (tx) =>
    factsOf(tx, 'userAccount', { connection: 'wrong' }),
  );
  expect(accounts).toHaveLength(30);
  expect(accounts.filter((each) => each.body.active).length).toBeGreaterThanOrEqual(20);
  expect((await wrong.call('GET', filtered('/Users?count=0&', 'active eq false'))).body.totalResults).toBe(30); // prettier-ignore
});

test('what is pushed in one day is one run, whose sums are those of its pages, and nobody pulls it', async () => {
  const [run] = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql<{ runs: number; open: number }>(
      `select count(*)::int as runs, count(*) filter (where r.status <> 'succeeded' or s.status <> 'succeeded')::int as open
       from run r join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id where r.connection = 'okta' and s.stream = 'Users'`,
    ),
  );
  const { key } = await api.person('acme', ['admin']);
  const pull = await api.call('POST', '/api/v1/connections/okta:pull', { key, body: {} });
  const check = await api.call('POST', '/api/v1/connections/okta:check', { key });

  expect(run).toEqual({ runs: 1, open: 0 });
  expect([pull.status, pull.body.detail]).toEqual([422, expect.stringContaining('pushes its records')]); // prettier-ignore
  expect([check.status, check.body.detail]).toEqual([422, expect.stringContaining('pushes its records')]); // prettier-ignore
});

test('a directory that is pushed says so, and a mapping author sees the fields that its records land with', async () => {
  const { key } = await api.person('acme', ['admin']);
  const get = (path: string) => api.call('GET', `/api/v1/connections${path}`, { key });
  const { id } = await okta.newUser({ externalId: 'x', name: { givenName: 'Ada' }, [ENTERPRISE]: { department: 'R&D' } }); // prettier-ignore
  const landed = await api.deps.store.readTenant('acme', (tx) =>
    landedRecords(tx, 'okta', 'Users', [id]),
  );
  const users = await get('/okta/objects/Users');
  const groups = await get('/okta/objects/Groups');
  const names = (users.body.fields as readonly { readonly name: string }[]).map(({ name }) => name);

  expect((await get('')).body.data).toContainEqual(expect.objectContaining({ id: 'okta', pushed: true })); // prettier-ignore
  expect((await get('/okta')).body.pushed).toBe(true);
  expect(users.body.fields).toContainEqual(expect.objectContaining({ name: 'id', key: true }));
  expect(names).toEqual(
    expect.arrayContaining(['userName', 'name.givenName', 'emails.value', `${ENTERPRISE}:department`, 'meta.lastModified']), // prettier-ignore
  );
  expect(names.filter((name) => /^(password|groups)/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
  for (const name of Object.keys(landed[0]?.data ?? {}).filter((each) => each !== 'schemas'))
    expect(names.some((each) => each === name || /^[.:]/.test(each.slice(name.length)) && each.startsWith(name))).toBe(true); // prettier-ignore
  expect(groups.body.fields).toContainEqual(expect.objectContaining({ name: 'members.value' }));
  expect((await get('/okta/objects/Devices')).status).toBe(404);
});
