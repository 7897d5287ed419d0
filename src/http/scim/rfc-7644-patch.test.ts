import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import {
  addDirectory,
  ENTERPRISE,
  patch,
  USER,
  type PushClient,
} from '../../../test/support/scim-push.ts';

// The examples of RFC 7644, by their sections, with people of our own.

let api: TestApi;
let idp: PushClient;
beforeAll(async () => {
  api = await testApi();
  idp = await addDirectory(api, 'strict');
});
afterAll(() => api.close());

const patched = async (id: string, ...operations: readonly unknown[]) =>
  await idp.call('PATCH', `/Users/${id}`, patch(...operations));

describe('§3.5.2 changing', () => {
  test('adds to a list without a path, and what is there already is there once', async () => {
    const { id } = await idp.newUser({ emails: [{ value: 'a@b.example', type: 'work' }] });
    const operation = {
      op: 'add',
      value: { emails: [{ value: 'babs@jensen.example', type: 'home' }], nickname: 'Babs' },
    };

    await patched(id, operation);
    const { body } = await patched(id, operation);

    expect([body.nickName, body.emails, body.meta.version]).toEqual([
      'Babs',
      [
        { value: 'a@b.example', type: 'work' },
        { value: 'babs@jensen.example', type: 'home' },
      ],
      'W/"2"',
    ]);
  });

  test('replaces one value that a filter finds, a part of it, and a part of a name', async () => {
    const { id } = await idp.newUser({
      name: { familyName: 'Jensen', givenName: 'B' },
      addresses: [
        { type: 'work', streetAddress: '1 Old Way', locality: 'Hollywood' },
        { type: 'home', streetAddress: '2 Home' },
      ],
    });

    const { body } = await patched(
      id,
      {
        op: 'replace',
        path: 'addresses[type eq "work"].streetAddress',
        value: '1010 Broadway Ave',
      },
      {
        op: 'replace',
        path: 'addresses[type eq "home"]',
        value: { type: 'home', locality: 'Rome' },
      },
      { op: 'replace', path: 'name', value: { givenName: 'Barbara' } },
      { op: 'add', path: 'name.honorificPrefix', value: 'Ms.' },
      { op: 'add', path: `${ENTERPRISE}:department`, value: 'Tours' },
    );

    expect(body.addresses).toEqual([
      { type: 'work', streetAddress: '1010 Broadway Ave', locality: 'Hollywood' },
      { type: 'home', locality: 'Rome' },
    ]);
    expect(body.name).toEqual({
      familyName: 'Jensen',
      givenName: 'Barbara',
      honorificPrefix: 'Ms.',
    });
    expect([body[ENTERPRISE], body.schemas]).toEqual([{ department: 'Tours' }, [USER, ENTERPRISE]]);
  });

  test('removes a value, a part, a whole list, an extension', async () => {
    const { id } = await idp.newUser({
      emails: [{ value: 'a', type: 'work' }, { value: 'b', type: 'home' }],
      phoneNumbers: [{ value: '1' }],
      name: { familyName: 'J', givenName: 'B' },
      [ENTERPRISE]: { department: 'D' },
    }); // prettier-ignore

    const { body } = await patched(
      id,
      { op: 'remove', path: 'emails[type eq "work"]' },
      { op: 'remove', path: 'phoneNumbers' },
      { op: 'remove', path: 'name.givenName' },
      { op: 'remove', path: ENTERPRISE },
      { op: 'remove', path: 'title' },
    );

    expect([body.emails, body.phoneNumbers, body.name, body[ENTERPRISE], body.schemas]).toEqual([
      [{ value: 'b', type: 'home' }],
      undefined,
      { familyName: 'J' },
      undefined,
      [USER],
    ]);
  });

  test('a new primary value takes the mark from the one before', async () => {
    const { id } = await idp.newUser({ emails: [{ value: 'a', primary: true }, { value: 'b' }] });

    const { body } = await patched(id, { op: 'replace', path: 'emails[value eq "b"].primary', value: true }); // prettier-ignore

    expect(body.emails).toEqual([
      { value: 'a', primary: false },
      { value: 'b', primary: true },
    ]);
  });

  test.each([
    ['F-72: a path that is no attribute', { op: 'replace', path: 'favouriteColour', value: 'x' }, 'invalidPath'],
    ['a part that is none', { op: 'replace', path: 'name.nonsense', value: 'x' }, 'invalidPath'],
    ['a path that cannot be read', { op: 'replace', path: 'emails[type eq', value: 'x' }, 'invalidPath'],
    ['an attribute of an extension that has none such', { op: 'add', path: `${ENTERPRISE}:shoeSize`, value: '9' }, 'invalidPath'],
    ['a path that is named as a prototype is', { op: 'add', path: 'urn:x:y:2.0:User:constructor', value: 'x' }, 'invalidPath'],
    ['a filter that finds nothing', { op: 'replace', path: 'emails[type eq "other"].value', value: 'x' }, 'noTarget'],
    ['removing without a path', { op: 'remove' }, 'noTarget'],
    ['changing the id', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['changing the groups of a user', { op: 'add', path: 'groups', value: [{ value: 'x' }] }, 'mutability'],
    ['removing what must be there', { op: 'remove', path: 'userName' }, 'mutability'],
    ['emptying what must be there', { op: 'replace', path: 'userName', value: null }, 'invalidValue'],
    ['another operation', { op: 'move', path: 'title', value: 'x' }, 'invalidSyntax'],
    ['a value of another type', { op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
    ['no value', { op: 'replace', path: 'title' }, 'invalidValue'],
  ])('%s is 400 and nothing of the request is kept', async (_what, operation, scimType) => {
    const user = await idp.newUser({ title: 'Before', emails: [{ value: 'a', type: 'work' }] });

    const answer = await patched(user.id, { op: 'replace', path: 'title', value: 'After' }, operation);

    expect([answer.status, answer.body.status, answer.body.scimType]).toEqual([400, '400', scimType]);
    expect((await idp.call('GET', `/Users/${user.id}`)).body).toEqual(user);
  }); // prettier-ignore

  test('§3.5.2.1 members are added, removed by a filter, and replaced', async () => {
    const [a, b, c] = [await idp.newUser(), await idp.newUser(), await idp.newUser()];
    const { id } = await idp.newGroup('Tours', [a.id]);
    const values = async () =>
      ((await idp.call('GET', `/Groups/${id}`)).body.members ?? []).map((each: { value: string }) => each.value); // prettier-ignore
    const send = (...operations: readonly unknown[]) => idp.call('PATCH', `/Groups/${id}`, patch(...operations)); // prettier-ignore

    const added = await send({ op: 'add', path: 'members', value: [{ value: b.id }, { value: c.id }, { value: a.id }] }); // prettier-ignore
    expect([added.status, added.text, await values()]).toEqual([204, '', [a.id, b.id, c.id]]);
    await send({ op: 'remove', path: `members[value eq "${a.id}"]` });
    expect(await values()).toEqual([b.id, c.id]);
    await send({ op: 'remove', path: 'members' }, { op: 'add', path: 'members', value: { value: a.id } }); // prettier-ignore
    expect(await values()).toEqual([a.id]);
    await send({ op: 'replace', path: 'members', value: [{ value: c.id }] });
    expect(await values()).toEqual([c.id]);

    const user = (await idp.call('GET', `/Users/${c.id}`)).body;
    expect(user.groups).toEqual([
      { value: id, $ref: `${api.url}/scim/v2/Groups/${id}`, display: 'Tours', type: 'direct' },
    ]);
    const stranger = await send({ op: 'add', path: 'members', value: [{ value: 'dus_nobody' }] });
    expect([stranger.status, stranger.body.scimType]).toEqual([400, 'invalidValue']);
  });
});
