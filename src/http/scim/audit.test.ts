import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import { addDirectory, patch, USER, type PushClient } from '../../../test/support/scim-push.ts';
import { lockDirectory } from '../../intake/directory.ts';

let api: TestApi;
let idp: PushClient;
beforeAll(async () => {
  api = await testApi();
  idp = await addDirectory(api, 'audited');
});
afterAll(() => api.close());

interface Entry {
  readonly action: string;
  readonly subject: string;
  readonly details: unknown;
}

/** What the audit has kept of pushes since the last look. */
let seen = '';
async function newEntries(): Promise<readonly Entry[]> {
  const rows = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql<Entry & { readonly id: string }>(
      `select e.id, e.action, e.subject_type || ' ' || e.subject_id as subject, e.details from audit_event e
       where e.actor = 'directory:audited' and e.id > $1 order by e.id`,
      [seen],
    ),
  );
  seen = rows.at(-1)?.id ?? seen;
  return rows.map(({ action, subject, details }) => ({ action, subject, details }));
}

const set = (path: string, value: unknown) => patch({ op: 'replace', path, value });
const token = (): string => `dtk_${idp.token.split('_')[2] ?? ''}`;

describe('the audit tells of a push', () => {
  test('that makes, shuts out, lets in, renames and takes away a user: one entry each, with no word about the person', async () => {
    const { id } = await idp.newUser({ userName: 'grace@audit.example', title: 'Admiral' });
    const path = `/Users/${id}`;

    await idp.call('PATCH', path, set('active', false));
    await idp.call('PATCH', path, set('title', 'Commodore'));
    await idp.call('PATCH', path, set('active', false));
    await idp.call('PATCH', path, set('active', 'True'));
    await idp.call('PATCH', path, set('userName', 'hopper@audit.example'));
    await idp.call('PUT', path, { schemas: [USER], userName: 'g@audit.example', active: false });
    await idp.call('DELETE', path);

    const entries = await newEntries();
    const subject = `directory_user ${id}`;
    const by = { token: token() };
    expect(entries).toEqual([
      { action: 'directory_user.created', subject, details: by },
      { action: 'directory_user.deactivated', subject, details: { ...by, fields: ['active'] } },
      { action: 'directory_user.reactivated', subject, details: { ...by, fields: ['active'] } },
      { action: 'directory_user.renamed', subject, details: { ...by, fields: ['userName'] } },
      { action: 'directory_user.deactivated', subject, details: { ...by, fields: ['active', 'userName'] } }, // prettier-ignore
      { action: 'directory_user.removed', subject, details: { ...by, groups: { count: 0, ids: [] } } }, // prettier-ignore
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/audit\.example|Admiral|Commodore/);
  });

  test('that changes who is in a group: one entry a request, and the ids of the first hundred', async () => {
    const made = await Promise.all([1, 2, 3].map(() => idp.newUser()));
    const [one, two, three] = made.map(({ id }) => String(id));
    await newEntries();

    const { id } = await idp.newGroup('Payroll', [one ?? '', two ?? '']);
    const path = `/Groups/${id}`;
    await idp.call('PATCH', path, patch({ op: 'add', path: 'members', value: [{ value: three }] }, { op: 'remove', path: `members[value eq "${one}"]` })); // prettier-ignore
    await idp.call('PATCH', path, patch({ op: 'add', path: 'members', value: [{ value: three }] }));
    await idp.call('DELETE', `/Users/${two}`);
    await idp.call('DELETE', path);

    const entries = await newEntries();
    const subject = `directory_group ${id}`;
    const by = { token: token() };
    expect(entries).toEqual([
      { action: 'directory_group.created', subject, details: { ...by, joined: { count: 2, ids: expect.arrayContaining([one, two]) } } }, // prettier-ignore
      { action: 'directory_group.members_changed', subject, details: { ...by, fields: ['members'], joined: { count: 1, ids: [three] }, left: { count: 1, ids: [one] } } }, // prettier-ignore
      { action: 'directory_user.removed', subject: `directory_user ${two}`, details: { ...by, groups: { count: 1, ids: [id] } } }, // prettier-ignore
      { action: 'directory_group.removed', subject, details: { ...by, left: { count: 1, ids: [three] }, groups: { count: 0, ids: [] } } }, // prettier-ignore
    ]);
  });

  test('of 150 members by one entry that counts them all', async () => {
    await api.deps.store.withTenant('acme', (tx) =>
      tx.run(
        `insert into directory_resource (tenant_id, connection, kind, id, name_key, created_at, modified_at, data)
         select $1, 'audited', 'Users', 'dus_' || lpad(n::text, 26, '0'), 'bulk' || n, app.clock(), app.clock(), '{"userName":"bulk"}'
         from generate_series(1, 150) n`,
        ['acme'],
      ),
    );
    const all = Array.from({ length: 150 }, (_, at) => `dus_${String(at + 1).padStart(26, '0')}`);

    await idp.newGroup('Everybody', all);

    const [entry, ...more] = await newEntries();
    expect([entry?.action, more]).toEqual(['directory_group.created', []]);
    expect(entry?.details).toMatchObject({ joined: { count: 150, ids: all.slice(0, 100) } });
  });

  test('only where it landed: a refused one leaves no entry', async () => {
    await idp.newUser({ userName: 'taken@audit.example' });
    await newEntries();

    const answer = await idp.call('POST', '/Users', { schemas: [USER], userName: 'taken@audit.example' }); // prettier-ignore

    expect([answer.status, await newEntries()]).toEqual([409, []]);
  });
});

describe('a push that was let in before its directory', () => {
  test.each([
    ['was paused', 'PATCH', 503],
    ['was removed', 'DELETE', 401],
  ])('%s does not land after it', async (what, method, status) => {
    const name = `late-${method.toLowerCase()}`;
    const own = await addDirectory(api, name);
    const admin = (await api.person('acme', ['admin'])).key;
    const [locked, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holder = api.deps.store.withTenant('acme', async (tx) => {
      await tx.sql(`select from directory d where d.connection = $1 for update`, [name]);
      locked.resolve();
      await ends.promise;
    });
    await locked.promise;
    const push = own.call('POST', '/Users', { schemas: [USER], userName: 'late' });
    await somebodyWaits();

    const body = method === 'PATCH' ? { paused: true } : undefined;
    const changed = await api.call(method, `/api/v1/connections/${name}`, { key: admin, body });
    ends.resolve();
    await holder;
    const answer = await push;

    expect([what, changed.status, answer.status]).toEqual([what, 200, status]);
    expect(await heldBy(name)).toBe(0);
  });

  test('is paused lands before it: the pause waits for its end', async () => {
    const own = await addDirectory(api, 'underway');
    const admin = (await api.person('acme', ['admin'])).key;
    const [locked, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const order: string[] = [];
    const push = api.deps.store.withTenant('acme', async (tx) => {
      const open = await lockDirectory(tx, 'underway');
      locked.resolve();
      await ends.promise;
      order.push(`pushed while ${open}`);
    });
    await locked.promise;

    const pause = api
      .call('PATCH', '/api/v1/connections/underway', { key: admin, body: { paused: true } })
      .then(({ status }) => order.push(`paused ${status}`));
    await Promise.race([pause, somebodyWaits()]);
    ends.resolve();
    await Promise.all([push, pause]);

    expect(order).toEqual([expect.stringMatching(/^pushed while (?!paused)/), 'paused 200']);
    expect((await own.call('GET', '/Users')).status).toBe(503);
  });
});

/** Resolves once a transaction of this database waits for another one's row. */
async function somebodyWaits(): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const waiting = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql(
        `select from pg_locks l join pg_stat_activity a on a.pid = l.pid
         where not l.granted and a.datname = current_database()`,
      ),
    );
    if (waiting.length > 0) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error('Nobody waits.');
}

async function heldBy(connection: string): Promise<number> {
  const rows = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql(`select from directory_resource r where r.connection = $1`, [connection]),
  );
  return rows.length;
}
