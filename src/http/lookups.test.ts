import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';

// Lookup tables through the API: versions, files, and what does not fit.

let api: TestApi;
let editor: string;
let viewer: string;
let other: string;
let count = 0;

const name = (): string => `table-${count}`;
const tag = (answer: Answer): string => answer.headers.get('etag') ?? '';
const get = (path: string, key = viewer) => api.call('GET', `/api/v1/lookups${path}`, { key });
const make = (body: object = {}, key = editor) =>
  api.call('POST', '/api/v1/lookups', { key, body: { name: name(), ...body } });
const act = (verb: string, body: object, seen: string | null, table = name()) =>
  api.call('POST', `/api/v1/lookups/${table}:${verb}`, {
    key: editor,
    body,
    headers: seen === null ? {} : { 'if-match': seen },
  });
const entries = async (query = '', table = name()) => {
  const { body } = await get(`/${table}/entries${query}`);
  return Object.fromEntries(body.data.map((row: { key: string; value: unknown }) => [row.key, row.value])); // prettier-ignore
};

beforeAll(async () => {
  api = await testApi();
  editor = (await api.person('acme', ['editor'], 'Edda')).key;
  viewer = (await api.person('acme', ['viewer'], 'Vera')).key;
  other = (await api.person(api.database.otherTenantId, ['admin'], 'Olga')).key;
});
afterAll(() => api?.close());
beforeEach(() => {
  count += 1;
});

describe('a lookup table', () => {
  test('is made, changed and shown by those who may, and by their company alone', async () => {
    const made = await make({ entries: { A: 'SKU-A' }, note: 'first' });
    const mayNot = await api.call('POST', `/api/v1/lookups/${name()}:set`, { key: viewer, body: {} });
    const foreign = await get(`/${name()}`, other);

    expect([made.status, made.body.lookup.kind, made.body.lookup.version]).toEqual([201, 'free', 1]);
    expect([mayNot.status, foreign.status]).toEqual([403, 404]);
    expect((await make()).status).toBe(409);
    expect((await make({ name: 'SKU table' })).status).toBe(422);
  }); // prettier-ignore

  test('is changed over the version that the writer saw, and no other', async () => {
    const made = await make({ entries: { A: '1', B: '2' } });
    const unseen = await act('set', { entries: { A: '9' } }, null);
    const first = await act('set', { entries: { A: '9' }, remove: ['B'] }, tag(made));
    const second = await act('set', { entries: { A: '8' } }, tag(made));

    expect([unseen.status, first.status, second.status]).toEqual([428, 200, 412]);
    expect(tag(first)).not.toBe(tag(made));
    expect(tag(first)).toBe(tag(await get(`/${name()}`)));
    expect(await entries()).toEqual({ A: '9' });
  });

  test('keeps who changed it, when and why; what changes nothing is no version', async () => {
    const made = await make({ entries: { A: '1' } });
    const changed = await act('set', { entries: { A: '2', B: { x: 1 } }, note: 'renamed' }, tag(made));
    const same = await act('set', { entries: { B: { x: 1 } } }, tag(changed));
    const { data } = (await get(`/${name()}/versions`)).body;

    expect(tag(same)).toBe(tag(changed));
    expect(data).toMatchObject([
      { version: 2, action: 'set', note: 'renamed', added: 1, changed: 1, removed: 0, entries: 2 },
      { version: 1, action: 'made', added: 1, entries: 1 },
    ]);
    expect(data[0].changedBy).toMatch(/^person:usr_/);
    expect((await get(`/${name()}/versions?limit=1`)).body.page.hasMore).toBe(true);
  }); // prettier-ignore

  test('shows an old version, differs from it, and goes back to it as a new one', async () => {
    const made = await make({ entries: { A: '1', B: '2', N: null } });
    const second = await act('set', { entries: { A: '9', C: '3' }, remove: ['B', 'N'] }, tag(made));
    const old = await entries('?version=1');
    const diff = (await get(`/${name()}/diff`)).body;
    const back = await act('restore', { version: 1 }, tag(second));

    expect(old).toEqual({ A: '1', B: '2', N: null });
    expect(diff).toMatchObject({ from: 1, to: 2 });
    expect(diff.changes.map(({ key, kind }: { key: string; kind: string }) => [key, kind])).toEqual([
      ['A', 'changed'],
      ['B', 'removed'],
      ['C', 'added'],
      ['N', 'removed'],
    ]);
    expect(back.body.lookup.version).toBe(3);
    expect(await entries()).toEqual(old);
    expect(await entries('?version=2')).toEqual({ A: '9', C: '3' });
    expect((await get(`/${name()}/entries?version=4`)).status).toBe(404);
  }); // prettier-ignore

  test('takes all of a change or nothing, and says of each entry what does not fit', async () => {
    const made = await make({ kind: 'currencies', entries: { Euro: 'EUR' } });
    const refused = await act('set', { entries: { Dollar: 'USD', Quid: 'Pound', ' x': 'EUR' } }, tag(made)); // prettier-ignore
    const gone = await act('set', { remove: ['Nobody'] }, tag(made));

    expect(refused.status).toBe(422);
    expect(refused.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code])).toEqual([
      ['/entries/Quid', 'bad_value'],
      ['/entries/ x', 'padded_key'],
    ]);
    expect([gone.status, gone.body.errors[0].code]).toEqual([422, 'not_there']);
    expect(await entries()).toEqual({ Euro: 'EUR' });
  }); // prettier-ignore

  test('that bears the name of a kind is of that kind', async () => {
    const wrong = await make({ name: 'currencies', kind: 'free' });
    const made = await make({ name: 'currencies', entries: { Euro: 'EUR' } });

    expect([wrong.status, made.status, made.body.lookup.kind]).toEqual([422, 201, 'currencies']);
  });

  test('tells the audit of each change, with the version and why', async () => {
    const auditor = (await api.person('acme', ['auditor'])).key;
    const made = await make();
    await act('set', { entries: { A: 1 }, note: 'because' }, tag(made));
    const told = (await api.call('GET', `/api/v1/audit-events?subject=${name()}`, { key: auditor }))
      .body.data;

    expect(told).toMatchObject([
      { action: 'lookup.changed', details: { version: 2, added: 1, note: 'because' } },
      { action: 'lookup.made', details: { version: 1, added: 0 } },
    ]);
  });

  test('of two who change it at once, one does and the other is told', async () => {
    const made = await make({ entries: { A: '1' } });
    const both = await Promise.all(
      ['x', 'y'].map((value) => act('set', { entries: { A: value } }, tag(made))),
    );

    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    expect((await get(`/${name()}`)).body.version).toBe(2);
  });
});

describe('a file', () => {
  const file = (text: string, more: object = {}) => ({ text, format: 'csv', ...more });

  test('is tried without a change: what it adds, changes and removes, by line, and what is wrong', async () => {
    const made = await make({ kind: 'currencies', entries: { A: 'EUR', B: 'USD', C: 'GBP' } });
    const text = 'key,value\nA,EUR\nB,CHF\nD,SEK\n';
    const dry = await act('import', file(text, { dryRun: true }), tag(made));
    const bad = await act('import', file(`${text}E,Dollar\nF,=X\n`, { dryRun: true }), tag(made));

    expect(dry.body).toMatchObject({ ok: true, done: null, invalid: [] });
    expect(dry.body.changes).toMatchObject([
      { key: 'B', kind: 'changed', line: 3 },
      { key: 'C', kind: 'removed', line: null },
      { key: 'D', kind: 'added', line: 4 },
    ]);
    expect(bad.body).toMatchObject({
      ok: false,
      invalid: [
        { line: 5, column: 'value', code: 'bad_value' },
        { line: 6, column: 'value', code: 'formula' },
      ],
    });
    expect(tag(await get(`/${name()}`))).toBe(tag(made));
  });

  test('with one wrong cell changes nothing; a good one is taken whole, and may keep the rest', async () => {
    const made = await make({ entries: { A: '1', B: '2' } });
    const refused = await act('import', file('key,value\nA,9\nC,\n'), tag(made));
    const kept = await act('import', file('key,value\nA,9\n', { replace: false }), tag(made));
    const whole = await act('import', file('key,value\nA,9\n'), tag(kept));

    expect([refused.status, refused.body.errors[0]]).toMatchObject([422, { line: 3, code: 'blank_value' }]); // prettier-ignore
    expect(kept.body.done.lookup).toMatchObject({ version: 2, entries: 2 });
    expect(whole.body.done.changes).toMatchObject([{ key: 'B', kind: 'removed' }]);
    expect(await entries()).toEqual({ A: '9' });
  });

  test('that was exported changes nothing when it comes back', async () => {
    const made = await make({ entries: { '=A': '-5', 'B,"': { x: [1, null] }, C: '+49' } });
    for (const format of ['csv', 'json', 'yaml']) {
      const { text } = (await get(`/${name()}:export?format=${format}`)).body;
      const dry = await act('import', { text, format, dryRun: true }, tag(made));
      expect(dry.body).toMatchObject({ ok: true, changes: [] });
    }
    const plain = await api.call('GET', `/api/v1/lookups/${name()}:export`, { key: viewer, headers: { accept: 'text/plain' } }); // prettier-ignore
    expect(plain.text).toMatch(/^key,json\r\n/);
  });
});
