import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import {
  addDirectory,
  pushClient,
  USER,
  type PushClient,
} from '../../../test/support/scim-push.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api.close());

/** So many users and groups more, as if they had been pushed. */
async function fill(connection: string, kind: 'Users' | 'Groups', count: number): Promise<void> {
  await api.deps.store.withTenant('acme', (tx) =>
    tx.run(
      `insert into directory_resource (tenant_id, connection, kind, id, name_key, external_id, created_at, modified_at, data)
       select $1, $2, $3, case $3 when 'Users' then 'dus_' else 'dgr_' end || lpad(n::text, 26, '0'), 'bulk' || n, 'x' || n,
         app.clock(), app.clock(), '{"userName":"bulk","displayName":"bulk"}'
       from generate_series(1, $4::int) n`,
      ['acme', connection, kind, count],
    ),
  );
}

describe('a filter that no index answers', () => {
  const asked = (idp: PushClient, kind: string, filter: string) =>
    idp.call('GET', `/${kind}?count=1&filter=${encodeURIComponent(filter)}`);

  test('is tried on 20,000 and refused as tooMany beyond, with the attributes that an index answers', async () => {
    const idp = await addDirectory(api, 'large');
    await fill('large', 'Users', 20_000);

    const most = await asked(idp, 'Users', 'displayName eq "nobody"');
    await idp.newUser({ userName: 'one.more', externalId: 'more' });
    const beyond = await asked(idp, 'Users', 'displayName eq "nobody"');
    const either = await asked(idp, 'Users', 'userName eq "one.more" or userName eq "x"');
    const byKey = await asked(idp, 'Users', 'userName eq "one.more" and externalId sw "mo"');
    const plain = await idp.call('GET', '/Users?count=1');

    expect([most.status, most.body.totalResults]).toEqual([200, 0]);
    expect([beyond.status, beyond.body.status, beyond.body.scimType]).toEqual([400, '400', 'tooMany']); // prettier-ignore
    expect(beyond.body.detail).toContain('id, userName or externalId');
    expect([either.status, either.body.scimType]).toEqual([400, 'tooMany']);
    expect([byKey.body.totalResults, plain.body.totalResults]).toEqual([1, 20_001]);
  }, 60_000);

  test('is refused as well where the groups are few and their members too many', async () => {
    const idp = await addDirectory(api, 'crowded');
    await fill('crowded', 'Groups', 21);
    await api.deps.store.withTenant('acme', (tx) =>
      tx.run(
        `insert into directory_member (tenant_id, connection, group_id, member_id)
         select $1, 'crowded', r.id, 'dus_' || n from directory_resource r, generate_series(1, 50000) n
         where r.connection = 'crowded'`,
        ['acme'],
      ),
    );

    const beyond = await asked(idp, 'Groups', 'members.display pr');
    const spared = await idp.call('GET', `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName sw "bu"')}`); // prettier-ignore

    expect([beyond.status, beyond.body.scimType]).toEqual([400, 'tooMany']);
    expect(beyond.body.detail).toContain('id, displayName, externalId or members');
    expect([spared.status, spared.body.totalResults]).toEqual([200, 21]);
  }, 120_000);
});

describe('the bodies of one token', () => {
  /** A push whose head alone is sent; its body of ten bytes does not come. */
  function headOnly(token: string): ClientRequest {
    const sent = request(`${api.url}/scim/v2/Users`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/scim+json',
        'content-length': '10',
      },
    });
    sent.on('error', () => undefined);
    sent.flushHeaders();
    return sent;
  }

  const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 50));

  test('are eight at a time: one more is 429 with Retry-After before it is read, and no other token waits', async () => {
    const idp = await addDirectory(api, 'full');
    const other = await anotherToken('full');
    const answers: IncomingMessage[] = [];
    const nine = Array.from({ length: 9 }, () => headOnly(idp.token));
    const refused = await Promise.race(nine.map((each) => once(each, 'response')));
    for (const each of nine) each.on('response', (answer) => answers.push(answer));

    const whole = await idp.call('POST', '/Users', { schemas: [USER], userName: 'whole' });
    const read = await idp.call('GET', '/Users?count=0');
    await other.newUser();
    const others = answers.length;
    for (const each of nine) each.destroy();

    const [{ statusCode, headers }] = refused as [IncomingMessage];
    expect([statusCode, headers['retry-after']]).toEqual([429, '1']);
    expect([whole.status, read.status, others]).toEqual([429, 200, 0]);
    expect(await takenSoon(idp)).toBe(201);
  });

  test('that are at work keep their places when the sender leaves, until the work has ended', async () => {
    const idp = await addDirectory(api, 'leaving');
    const [locked, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holder = api.deps.store.withTenant('acme', async (tx) => {
      await tx.sql(`select from directory d where d.connection = 'leaving' for update`);
      locked.resolve();
      await ends.promise;
    });
    await locked.promise;
    const leaving = new AbortController();
    const nine = Array.from({ length: 9 }, (_, at) =>
      fetch(`${api.url}/scim/v2/Users`, {
        method: 'POST',
        headers: { authorization: `Bearer ${idp.token}`, 'content-type': 'application/scim+json' },
        body: JSON.stringify({ schemas: [USER], userName: `left${at}` }),
        signal: leaving.signal,
      }),
    );
    const refused = await Promise.race(nine);
    await soon();
    leaving.abort();
    await Promise.allSettled(nine);
    await soon();

    const after = await idp.call('POST', '/Users', { schemas: [USER], userName: 'after' });
    ends.resolve();
    await holder;

    expect([refused.status, after.status]).toEqual([429, 429]);
    expect(await takenSoon(idp)).toBe(201);
  });

  /** The status of the first push that finds a place. */
  async function takenSoon(idp: PushClient): Promise<number> {
    for (let tries = 0; tries < 200; tries += 1) {
      const body = { schemas: [USER], userName: `soon${tries}` };
      const { status } = await idp.call('POST', '/Users', body);
      if (status !== 429) return status;
      await soon();
    }
    return 429;
  }
});

/** A client with a further token of a directory. */
async function anotherToken(directory: string): Promise<PushClient> {
  const { key } = await api.person('acme', ['admin']);
  const path = `/api/v1/directories/${directory}/tokens`;
  const made = await api.call('POST', path, { key, body: { label: 'another' } });
  return pushClient(api, made.body.text);
}
