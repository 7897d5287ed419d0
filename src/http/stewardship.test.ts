import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';

// Who answers for what, and what is found where nobody does: each test takes up what the one before it left.

const MAPPING = 'mapping/salesforce.account';

let api: TestApi;
let admin: string;
let viewer: string;
let stella: string;

const get = (path: string) => api.call('GET', `/api/v1/${path}`, { key: viewer });
const tag = (answer: Answer): string => answer.headers.get('etag') ?? '';
const put = async (
  what: string,
  body: object,
  headers?: Readonly<Record<string, string>>,
  key = admin,
) =>
  api.call('PUT', `/api/v1/stewardship/${what}`, {
    key,
    body,
    headers: headers ?? { 'if-match': tag(await get(`stewardship/${what}`)) },
  });
const found = async (kind: string, status = 'open'): Promise<readonly string[]> => {
  const { data } = (await get(`findings?kind=${kind}&status=${status}&limit=500`)).body;
  return data.map(({ subject }: { subject: { type: string; id: string } }) => `${subject.type}/${subject.id}`); // prettier-ignore
};

beforeAll(async () => {
  api = await testApi();
  admin = (await api.person('acme', ['admin'], 'Ada')).key;
  viewer = (await api.person('acme', ['viewer'], 'Vera')).key;
  stella = (await api.person('acme', ['editor'], 'Stella')).id;
});
afterAll(() => api?.close());

test('a company that has never named a steward is told so once for each type, and of each mapping', async () => {
  const { data } = (await get('stewardship?type=policy')).body;
  const untold = await found('unowned');
  const { id } = await api.person('acme', ['viewer'], 'Leaver');
  await api.call('POST', `/api/v1/users/${id}:disable`, { key: admin });
  const { data: told } = (await get('findings?kind=unowned')).body;
  const ofMappings = told.find(({ subject }: { subject: { type: string } }) => subject.type === 'mapping'); // prettier-ignore
  const mappings = (await get('mappings?limit=200')).body.data;

  expect(data.map(({ id }: { id: string }) => id)).toEqual(['*', 'commerce', 'cycles', 'detection', 'incidents', 'mappings', 'people', 'pools', 'retention', 'seats', 'writes']); // prettier-ignore
  expect(data[1]).toMatchObject({ steward: null, unowned: true, overdue: false });
  expect(untold).toEqual([]);
  expect((await found('unowned')).toSorted()).toEqual(['mapping/*', 'policy/*']);
  expect(ofMappings).toMatchObject({ severity: 'low', owner: null, summary: expect.stringMatching(/^Unowned: .*file\..* more \(mapping\)/) }); // prettier-ignore
  expect(ofMappings.evidence).toEqual(mappings.map((each: { id: string; live: { version: number } }) => `${each.id}@${each.live.version}`)); // prettier-ignore
  expect(mappings.every(({ owner }: { owner: unknown }) => owner === null)).toBe(true);
});

test('a steward is named by those who may, over what they saw, and is somebody who is there', async () => {
  const body = { person: stella, reviewDue: '2026-03-02' };
  const mayNot = await put(MAPPING, body, undefined, viewer);
  const unseen = await put(MAPPING, body, {});
  const first = await put(MAPPING, body, { 'if-none-match': '*' });
  const late = await put(MAPPING, body, { 'if-none-match': '*' });
  const nobody = await put(MAPPING, { person: 'usr_nobody' });
  const nothing = await put('mapping/no.such', body, { 'if-none-match': '*' });
  const wrong = await put(MAPPING, { person: stella, reviewDue: '2026-02-30' });

  expect([mayNot, unseen, first, late, nobody, nothing, wrong].map(({ status }) => status)).toEqual(
    [403, 428, 200, 412, 404, 404, 422],
  );
  expect(first.body).toMatchObject({ steward: { id: stella, name: 'Stella' }, from: 'own', reviewDue: '2026-03-02', unowned: false, overdue: false }); // prettier-ignore
  expect(tag(first)).toBe(tag(await get(`stewardship/${MAPPING}`)));
  expect((await get('mappings/salesforce.account')).body).toMatchObject({ steward: stella, reviewDue: '2026-03-02' }); // prettier-ignore
});

test('from then on all that nobody answers for is found, once, until somebody does', async () => {
  const before = await found('unowned');
  const ofTypes = before.filter((each) => each.endsWith('/*'));
  await put('mapping/*', { person: stella });
  const [after, resolved] = [await found('unowned'), await found('unowned', 'resolved')];

  expect(before).toContain('mapping/netsuite.customer');
  expect(before).toContain('policy/people');
  expect(before).not.toContain(MAPPING);
  expect(ofTypes).toEqual([]);
  expect(after.toSorted()).toEqual(['commerce', 'cycles', 'detection', 'incidents', 'mappings', 'people', 'pools', 'retention', 'seats', 'writes'].map((topic) => `policy/${topic}`)); // prettier-ignore
  expect(resolved).toContain('mapping/netsuite.customer');
});

describe('a review', () => {
  test('is overdue from the day after, and no longer once a later day is set', async () => {
    const onTheDay = await found('review_overdue');
    await put(MAPPING, { person: stella, reviewDue: '2026-03-01' });
    const { data } = (await get('findings?kind=review_overdue')).body;
    await put(MAPPING, { person: stella, reviewDue: '2026-09-30' });

    expect(onTheDay).toEqual([]);
    expect(data).toMatchObject([{ severity: 'medium', owner: stella, subject: { id: 'salesforce.account' }, dueAt: '2026-04-01' }]); // prettier-ignore
    expect(await found('review_overdue')).toEqual([]);
  });
});

test('what is taken back falls to whoever answers for all of its type', async () => {
  const seen = tag(await get(`stewardship/${MAPPING}`));
  const cleared = await api.call('DELETE', `/api/v1/stewardship/${MAPPING}`, { key: admin, headers: { 'if-match': seen } }); // prettier-ignore
  const stale = await put(MAPPING, { person: stella }, { 'if-match': seen });

  expect(cleared.body).toMatchObject({ from: 'type', reviewDue: null, unowned: false });
  expect(stale.status).toBe(412);
});

test('somebody who is disabled answers for nothing, and cannot be named', async () => {
  await api.call('POST', `/api/v1/users/${stella}:disable`, { key: admin });
  const named = await put(MAPPING, { person: stella });
  const overview = (await get('stewardship?type=mapping&state=unowned&limit=1')).body;

  expect(await found('unowned')).toContain(MAPPING);
  expect(named.status).toBe(422);
  expect(overview.data[0]).toMatchObject({ steward: { status: 'disabled' }, unowned: true });
  expect(overview.data[0].id).not.toBe('*');
});

test('the audit tells who answered before and after', async () => {
  const auditor = (await api.person('acme', ['auditor'])).key;
  const { data } = (await api.call('GET', '/api/v1/audit-events?subject=salesforce.account', { key: auditor })).body; // prettier-ignore

  expect(data[0]).toMatchObject({ action: 'steward.cleared', details: { before: { person: stella, reviewDue: '2026-09-30' }, after: { person: null } } }); // prettier-ignore
});
