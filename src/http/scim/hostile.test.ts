import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import { addDirectory, patch, pushClient, USER, type PushClient } from '../../../test/support/scim-push.ts'; // prettier-ignore
import { createTokenRate } from './token-rate.ts';

let api: TestApi;
let idp: PushClient;
let admin: string;
beforeAll(async () => {
  api = await testApi();
  idp = await addDirectory(api, 'idp');
  admin = (await api.person('acme', ['admin'])).key;
});
afterAll(() => api.close());

const user = (inside: string): string => `{"schemas":["${USER}"],"userName":"odd"${inside}}`;

describe('a body that is no honest JSON', () => {
  test.each([
    ['cut short', '{"schemas":', 'invalidSyntax'],
    ['a list', '[]', 'invalidSyntax'],
    ['nothing', '', 'invalidSyntax'],
    ['a member named __proto__', user(',"__proto__":{"active":true}'), 'invalidSyntax'],
    ['a prototype further in', user(',"name":{"constructor":{"x":1}}'), 'invalidSyntax'],
    ['a member twice', user(',"title":"a","title":"b"'), 'invalidSyntax'],
    ['a member twice, spelled by an escape', user(',"title":"a","\\u0074itle":"b"'), 'invalidSyntax'],
    ['a member twice further in', user(',"emails":[{"value":"a","value":"b"}]'), 'invalidSyntax'],
    ['a NUL character', user(',"title":"a\\u0000"'), 'invalidSyntax'],
    ['half of a character', user(',"title":"\\ud83d"'), 'invalidSyntax'],
    ['thirty levels', user(`,"urn:x:y:2.0:User":${'{"a":'.repeat(30)}1${'}'.repeat(30)}`), 'invalidSyntax'],
    ['a name too long for an index', user(`,"externalId":"${'x'.repeat(501)}"`), 'invalidValue'],
  ])('%s is 400 with a SCIM error, and nothing is kept', async (_what, body, scimType) => {
    const answer = await idp.call('POST', '/Users', body);

    expect([answer.status, answer.body.status, answer.body.scimType]).toEqual([400, '400', scimType]);
    expect((await idp.call('GET', '/Users?filter=userName%20eq%20%22odd%22')).body.totalResults).toBe(0);
  }); // prettier-ignore

  test('values that only look like it are data', async () => {
    const made = await idp.newUser({ title: '{"a":1,"a":2}', nickName: '\\u0000 __proto__' });

    expect([made.title, made.nickName]).toEqual(['{"a":1,"a":2}', '\\u0000 __proto__']);
  });

  test('more than a megabyte is 413, a user that could not land is 413, another type is 415', async () => {
    const huge = await idp.call('POST', '/Users', user(`,"title":"${'x'.repeat(1_100_000)}"`));
    const large = await idp.call('POST', '/Users', user(`,"title":"${'x'.repeat(300_000)}"`));
    const typed = await idp.call('POST', '/Users', user(''), { 'content-type': 'text/html' });
    const many = await idp.call('PATCH', '/Users/x', patch(...Array.from({ length: 1001 }, () => ({ op: 'remove', path: 'title' })))); // prettier-ignore

    expect([huge.status, huge.body.status, large.status, typed.status, many.status]).toEqual([413, '413', 413, 415, 413]); // prettier-ignore
  });

  test('bytes that are no UTF-8 are 400', async () => {
    const body = Buffer.concat([Buffer.from('{"userName":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]); // prettier-ignore
    const answer = await api.call('POST', '/scim/v2/Users', {
      key: idp.token,
      body,
      headers: { 'content-type': 'application/scim+json' },
    });

    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidSyntax']);
  });

  test('no id, filter, path or operation makes a 500', async () => {
    const { id } = await idp.newUser({ emails: [{ value: 'a', type: 'work' }] });
    const piece = fc.oneof(fc.constantFrom('userName', 'emails', '[', ']', '(', ')', '.', 'eq', '"a"', 'and', 'not', 'pr', 'urn:a:b', ':', '"\\u0000"', '1', 'null', '$ref', ' '), fc.string()); // prettier-ignore
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' '));
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('add', 'replace', 'remove'), fc.jsonValue({ maxDepth: 2 }), async (odd, op, value) => {
        const answers = [
          await idp.call('GET', `/Users?filter=${encodeURIComponent(odd)}`),
          await idp.call('GET', `/Users/${encodeURIComponent(odd)}`),
          await idp.call('PATCH', `/Users/${id}`, patch({ op, path: odd, value })),
          await idp.call('PATCH', `/Users/${id}`, patch({ op: 'replace', value })),
        ];
        for (const { status, text: answer } of answers) expect(status >= 500 ? answer : 'fine').toBe('fine');
      }),
      { numRuns: 60 },
    ); // prettier-ignore
  });
});

describe('F-72: the provider’s own id', () => {
  const other = '7f3a9a0e-6c0d-4f6e-9f64-0d2a1f6f8b11';

  test.each(['1', '0', '-1', 'admin', 'root', 'system:scim', 'dus_00000000000000000000000000', other])(
    '"%s" is data: it gives no id, no right and no other user',
    async (externalId) => {
      const people = await api.call('GET', '/api/v1/users', { key: admin });
      const [one, two] = [await idp.newUser({ externalId }), await idp.newUser({ externalId })];

      expect(one.id).toMatch(/^dus_[0-9a-z]{26}$/);
      expect(two.id).not.toBe(one.id);
      expect((await idp.call('GET', `/Users/${encodeURIComponent(externalId)}`)).status).toBe(404);
      expect((await api.call('GET', '/api/v1/users', { key: admin })).body.data).toEqual(people.body.data);
      const { body } = await idp.call('GET', `/Users?filter=externalId%20eq%20%22${encodeURIComponent(externalId)}%22`);
      expect(body.totalResults).toBe(2);
    },
  ); // prettier-ignore

  test('an id of another company or another directory is nobody, on every way to it', async () => {
    const stranger = await addDirectory(api, 'idp', 'globex');
    const neighbour = await addDirectory(api, 'neighbour');
    const { id } = await idp.newUser({ externalId: other });
    const body = { schemas: [USER], userName: 'taken.over' };

    for (const outsider of [stranger, neighbour]) {
      const answers = [
        await outsider.call('GET', `/Users/${id}`),
        await outsider.call('PUT', `/Users/${id}`, body),
        await outsider.call('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: false })), // prettier-ignore
        await outsider.call('DELETE', `/Users/${id}`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      expect((await outsider.call('GET', '/Users')).body.totalResults).toBe(0);
      const group = await outsider.call('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'g', members: [{ value: id }] }); // prettier-ignore
      expect([group.status, group.body.scimType]).toEqual([400, 'invalidValue']);
    }
    expect((await idp.call('GET', `/Users/${id}`)).body.userName).not.toBe('taken.over');
  });
});

describe('requests at the same time', () => {
  test('of two that create one user name, one is taken', async () => {
    const body = { schemas: [USER], userName: 'race@meridian.example' };

    const answers = await Promise.all([1, 2, 3, 4].map(() => idp.call('POST', '/Users', body)));

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]); // prettier-ignore
  });

  test('that change one group all count', async () => {
    const users = await Promise.all([1, 2, 3, 4, 5].map(() => idp.newUser()));
    const { id } = await idp.newGroup('Race');

    const answers = await Promise.all(
      users.map(({ id: value }) => idp.call('PATCH', `/Groups/${id}`, patch({ op: 'add', path: 'members', value: [{ value }] }))),
    ); // prettier-ignore
    const { body } = await idp.call('GET', `/Groups/${id}`);

    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    expect([body.members.length, body.meta.version]).toEqual([5, 'W/"6"']);
  });
});

describe('a group of 50,000', () => {
  test('F-72: takes one member more as fast as a small one, holds them all, and its facts stay as they were', async () => {
    const { id } = await idp.newGroup('Everybody');
    await api.deps.store.withTenant('acme', async (tx) => {
      await tx.run(
        `insert into directory_resource (tenant_id, connection, kind, id, name_key, created_at, modified_at, data)
         select $1, 'idp', 'Users', 'dus_' || lpad(n::text, 26, '0'), 'bulk' || n, app.clock(), app.clock(), '{"userName":"bulk"}'
         from generate_series(1, 50000) n`,
        ['acme'],
      );
      await tx.run(
        `insert into directory_member (tenant_id, connection, group_id, member_id)
         select $1, 'idp', $2, 'dus_' || lpad(n::text, 26, '0') from generate_series(1, 49999) n`,
        ['acme', id],
      );
    });
    const last = `dus_${'50000'.padStart(26, '0')}`;
    const first = `dus_${'1'.padStart(26, '0')}`;

    const added = await idp.call('PATCH', `/Groups/${id}`, patch({ op: 'add', path: 'members', value: [{ value: last }] })); // prettier-ignore
    const removed = await idp.call('PATCH', `/Groups/${id}`, patch({ op: 'Remove', path: `members[value eq "${first}"]` })); // prettier-ignore
    const whole = await idp.call('GET', `/Groups/${id}`);
    const held = await idp.call('GET', `/Groups?excludedAttributes=members&filter=members%20eq%20%22${last}%22`); // prettier-ignore

    expect([added.status, removed.status]).toEqual([204, 204]);
    expect(whole.body.members).toHaveLength(49_999);
    expect([held.body.totalResults, held.text.length < 2000]).toEqual([1, true]);
    const quarantined = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql(
        `select q.code, q.reason from quarantine q where q.record_id = $1 and q.status = 'open'`,
        [id],
      ),
    );
    expect(quarantined).toEqual([
      { code: 'record_too_large', reason: expect.stringContaining('more than 10,000 members') },
    ]);
  }, 60_000);
});

describe('the token of a directory', () => {
  const status = async (token: string): Promise<number> =>
    (await pushClient(api, token).call('GET', '/Users?count=0')).status;

  test('is nowhere in the store but as a hash, and is told apart from no token by nothing', async () => {
    const [, , id, secret = ''] = idp.token.split('_');
    const wrong = [
      `trd_acme_${id}_${'a'.repeat(52)}`,
      `trd_globex_${id}_${secret}`,
      `trd_nobody_${id}_${secret}`,
      idp.token.slice(0, -1),
      "trd_acme_'or 1=1--_x",
      admin,
    ];

    const answers = await Promise.all(wrong.map((each) => pushClient(api, each).call('GET', '/Users'))); // prettier-ignore
    const rows = await api.deps.store.readTenant('acme', (tx) =>
      tx.sql<{ row: string }>('select t::text as row from directory_token t'),
    );

    expect(answers.map((answer) => [answer.status, answer.body.detail])).toEqual(
      wrong.map(() => [401, answers[0]?.body.detail]),
    );
    expect(rows.some(({ row }) => row.includes(secret))).toBe(false);
    expect((await api.call('GET', '/api/v1/me', { key: idp.token })).status).toBe(401);
  });

  test('is rotated with an overlap, revoked at once, and ends at its time; each is audited', async () => {
    const first = (await api.call('POST', '/api/v1/directories', { key: admin, body: { name: 'rotated' } })).body.token; // prettier-ignore
    const make = async (body: object) =>
      (await api.call('POST', '/api/v1/directories/rotated/tokens', { key: admin, body })).body;

    const second = await make({ endOthersAfterSeconds: 3600 });
    expect([await status(first.text), await status(second.text)]).toEqual([200, 200]);
    const third = await make({ endOthersAfterSeconds: 0 });
    expect([await status(first.text), await status(second.text), await status(third.text)]).toEqual([401, 401, 200]); // prettier-ignore
    const short = await make({ expiresAt: new Date(Date.now() + 300).toISOString() });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await status(short.text)).toBe(401);
    const revoked = await api.call('POST', `/api/v1/directories/rotated/tokens/${third.id}:revoke`, { key: admin }); // prettier-ignore
    expect([revoked.status, await status(third.text)]).toEqual([200, 401]);

    const { body } = await api.call('GET', '/api/v1/audit-events?limit=200', { key: admin });
    const actions = new Set(body.data.map((each: { action: string }) => each.action));
    for (const action of ['directory.added', 'directory_token.created', 'directory_token.revoked', 'scim.refused']) expect(actions).toContain(action); // prettier-ignore
  });

  test('F-77: is made, listed and revoked by nobody of another company', async () => {
    const outsider = (await api.person('globex', ['admin'])).key;
    const { body } = await api.call('GET', '/api/v1/directories/idp/tokens', { key: admin });
    const [{ id }] = body.data;
    await api.call('DELETE', '/api/v1/connections/idp', { key: outsider });

    const answers = [
      await api.call('GET', '/api/v1/directories/idp/tokens', { key: outsider }),
      await api.call('POST', '/api/v1/directories/idp/tokens', { key: outsider, body: {} }),
      await api.call('POST', `/api/v1/directories/idp/tokens/${id}:revoke`, { key: outsider }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(await status(idp.token)).toBe(200);
  });

  test('asks a paused directory’s provider to come again, and a removed one’s to stay away', async () => {
    const own = await addDirectory(api, 'waiting');
    const change = (paused: boolean) =>
      api.call('PATCH', '/api/v1/connections/waiting', { key: admin, body: { paused } });

    await change(true);
    const waiting = await own.call('GET', '/Users');
    await change(false);
    const again = await status(own.token);
    await api.call('DELETE', '/api/v1/connections/waiting', { key: admin });

    expect([waiting.status, waiting.body.status, waiting.headers.get('retry-after')]).toEqual([503, '503', '60']); // prettier-ignore
    expect([again, await status(own.token)]).toEqual([200, 401]);
  });

  test('lets a burst and then a pace through, and says when to come again', async () => {
    let now = 0;
    const rate = createTokenRate({ burst: 3, perSecond: 2 }, () => now);

    expect([1, 2, 3, 4].map(() => rate.take('a'))).toEqual([0, 0, 0, 1]);
    expect(rate.take('b')).toBe(0);
    now = 500;
    expect([rate.take('a'), rate.take('a')]).toEqual([0, 1]);

    const own = await addDirectory(api, 'flood');
    // However slow this machine is, the flood comes within an instant.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    const answers = await Promise.all(Array.from({ length: 400 }, () => own.call('GET', '/Users?count=0'))); // prettier-ignore
    clock.mockRestore();
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(100);
    expect([refused[0]?.body.status, refused[0]?.headers.get('retry-after')]).toEqual(['429', '1']);
    expect(answers.every((answer) => [200, 429].includes(answer.status))).toBe(true);
  });
});
