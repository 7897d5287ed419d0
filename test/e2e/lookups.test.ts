import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addMoney, money, type Money } from '../../src/kernel/money.ts';
import { publishMapping } from '../../src/mapping/publish.ts';
import { factsOf } from '../../src/ledger/facts.ts';
import { serveCompany, type ServedCompany } from '../support/served-company.ts';

// A table that a mapping reads, over what has landed of a company: each test takes up what the one before it left.

const INVALID = 6;
const ACCOUNTS = 'own.account-names';
const MAPPING = `id: ${ACCOUNTS}
version: 1
source: { connection: crm, object: Account }
target: { object: publisher }
fields:
  externalRef: { from: record.id, key: true }
  name: { from: src.Name, lookup: account-names, onMissing: error }
`;

let company: ServedCompany;
/** Pages that were read from a vendor since the company was pulled. */
const pages: string[] = [];
let names: readonly { readonly id: string; readonly name: string }[];

const rows = async (path: string) => (await company.get(path)).body.data;
const named = (name: string | undefined) => names.filter((each) => each.name === name);
const publishers = async () => {
  const facts = await company.harness.inTx((tx) => factsOf(tx, 'publisher', { connection: 'crm' }));
  return new Map(facts.map(({ externalRef, body }) => [externalRef, body.name]));
};
const trueup = async (...args: readonly string[]) => {
  const { code, out, err } = await company.trueup(args);
  return { code, out, err };
};
const json = async (...args: readonly string[]) => {
  const { code, out, err } = await trueup('--json', ...args);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
};
const replayed = async () =>
  (await rows(`/mappings/${ACCOUNTS}/replays`)).map(
    ({ records, scope }: { records: number; scope: string }) => ({ records, scope }),
  );

beforeAll(async () => {
  company = await serveCompany();
  company.harness.hooks.afterPage = async (stream) => void pages.push(stream);
  names = await company.harness.inTx((tx) =>
    tx.sql<{ id: string; name: string }>(
      `select r.record_id as id, r.data ->> 'Name' as name from source_record r
       where r.connection = 'crm' and r.stream = 'Account' and not r.deleted order by r.record_id`,
    ),
  );
}, 120_000);
afterAll(() => company?.stop());

test('what a mapping asks for and nobody has said is listed, with records and what it may mean', async () => {
  const [first, second] = names;
  const { harness } = company;
  await company.post('/lookups', {
    name: 'account-names',
    entries: { [`${first?.name.toUpperCase()}!`]: 'First' },
  });
  await harness.inTx((tx) =>
    publishMapping(tx, harness.deps.mappings, { text: MAPPING, person: 'test' }),
  );
  await company.post(`/mappings/${ACCOUNTS}:replay`);
  await harness.drain();
  const missing = await rows('/lookups/account-names/unmatched?limit=500');
  const [table] = (await rows('/lookups')).filter(({ name }: { name: string }) => name === 'account-names'); // prettier-ignore
  const of = (key: string | undefined) => missing.find((each: { key: string }) => each.key === key);
  const same = named(first?.name);

  expect(missing).toHaveLength(new Set(names.map(({ name }) => name)).size);
  expect(table).toMatchObject({ readBy: [ACCOUNTS], unmatched: missing.length });
  expect(of(first?.name)).toMatchObject({
    records: same.length,
    suggestions: [{ score: 0.95, reason: 'the same but for case, blanks and marks' }],
  });
  expect(of(second?.name).samples[0]).toMatchObject({ connection: 'crm', stream: 'Account', mappingId: ACCOUNTS }); // prettier-ignore
  expect(await publishers()).toEqual(new Map());
});

test('a suggestion is accepted in one call, and exactly the records that asked are mapped again', async () => {
  const [first] = names;
  const same = named(first?.name);
  const [{ suggestions }] = (await rows('/lookups/account-names/unmatched?limit=500')).filter(({ key }: { key: string }) => key === first?.name); // prettier-ignore
  const after = await json('lookups', 'accept', 'account-names', first?.name ?? '', suggestions[0].key); // prettier-ignore
  await company.harness.drain();
  const [entry] = (await rows('/lookups/account-names/entries')).filter(({ key }: { key: string }) => key === first?.name); // prettier-ignore
  const errors = await rows('/errors?status=open&limit=500');
  const failed = errors.filter(({ mappingId }: { mappingId: string }) => mappingId === ACCOUNTS);

  expect(after.replays).toMatchObject([{ stream: 'Account', records: same.length }]);
  expect([...(await publishers()).keys()]).toEqual(same.map(({ id }) => id));
  expect(entry).toMatchObject({ value: 'First', records: same.length, facts: same.length });
  expect(failed).toHaveLength(names.length - same.length);
});

test('a changed value maps the records of its key again, and no others; a key that nobody asks for none', async () => {
  const before = (await replayed()).length;
  const [first, second] = names;
  const changed = await trueup('lookups', 'set', 'account-names', first?.name ?? '', 'Premier', '--note', 'renamed'); // prettier-ignore
  const unused = await json('lookups', 'set', 'account-names', 'Nobody asks', 'X');
  await json('lookups', 'set', 'account-names', second?.name ?? '', 'Second');
  await company.harness.drain();
  const held = await publishers();

  expect(changed.out).toContain(`1 changed, 0 removed. ${named(first?.name).length} records are mapped again.`); // prettier-ignore
  expect(unused.replays).toEqual([]);
  expect(await replayed()).toHaveLength(before + 2);
  expect(held.get(first?.id ?? '')).toBe('Premier');
  expect(held.get(second?.id ?? '')).toBe('Second');
  expect(held.size).toBe(named(first?.name).length + named(second?.name).length);
});

test('a key that is taken away leaves its facts and says what is missing', async () => {
  const [, second] = names;
  await json('lookups', 'set', 'account-names', '--remove', second?.name ?? '');
  await company.harness.drain();
  const missing = await json('lookups', 'unmatched', 'account-names', '--limit', '0');

  expect(missing.map(({ key }: { key: string }) => key)).toContain(second?.name);
  expect((await publishers()).get(second?.id ?? '')).toBe('Second');
});

test('all of it without a call to the vendor, and record by record where a table changed', async () => {
  expect(pages).toEqual([]);
  expect((await replayed()).map(({ scope }: { scope: string }) => scope).toSorted()).toEqual(['all', 'records', 'records', 'records', 'records']); // prettier-ignore
});

test('what is at stake with a missing key is what the facts of its records say, by currency', async () => {
  const { harness } = company;
  await company.post('/lookups', { name: 'stages', entries: { Nothing: 'x' } });
  const text = MAPPING.replace(ACCOUNTS, 'own.stages')
    .replace('object: Account', 'object: Opportunity')
    .replace('src.Name, lookup: account-names, onMissing: error', 'src.StageName, lookup: stages, onMissing: "null"'); // prettier-ignore
  await harness.inTx((tx) => publishMapping(tx, harness.deps.mappings, { text, person: 'test' }));
  await company.post('/mappings/own.stages:replay');
  await harness.drain();
  const [most] = await rows('/lookups/stages/unmatched');
  const deals = await harness.inTx((tx) => factsOf(tx, 'opportunity', { connection: 'crm' }));
  const sums = new Map<string, Money>();
  for (const { body } of deals.filter(({ body: { stageName } }) => stageName === most.key)) {
    if (body.amount === undefined || body.currency === undefined) continue;
    const each = money(body.amount, body.currency);
    const sum = sums.get(each.currency);
    sums.set(each.currency, sum === undefined ? each : addMoney(sum, each));
  }

  expect(most.records).toBeGreaterThan(5);
  expect(sums.size).toBeGreaterThan(0);
  expect(most.money).toEqual([...sums.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1))); // prettier-ignore
});

describe('the command line', () => {
  test('shows, exports, tries and imports a table, and goes back', async () => {
    const file = join(company.desk, 'names.csv');
    const exported = await trueup('lookups', 'export', 'account-names');
    await writeFile(file, `${exported.out}Nobody else,Y\n`);
    const dry = await trueup('lookups', 'import', 'account-names', file, '--dry-run');
    await writeFile(file, `${exported.out}Nobody else,=Y\n`);
    const wrong = await trueup('lookups', 'import', 'account-names', file, '--dry-run');
    const refused = await trueup('lookups', 'import', 'account-names', file);
    await writeFile(file, `${exported.out}Nobody else,Y\n`);
    const done = await trueup('lookups', 'import', 'account-names', file, '--note', 'from a file');
    const history = await json('lookups', 'history', 'account-names');
    const diff = await trueup('lookups', 'diff', 'account-names');
    const back = await json('lookups', 'restore', 'account-names', String(history[0].version - 1));
    const shown = await trueup('lookups', 'show', 'account-names');

    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('+ Nobody else = "Y"')]);
    expect([wrong.code, wrong.out]).toEqual([INVALID, expect.stringMatching(/WRONG line \d+, value/)]); // prettier-ignore
    expect([refused.code, refused.err]).toEqual([INVALID, expect.stringContaining('A spreadsheet')]); // prettier-ignore
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('1 added')]);
    expect(history[0]).toMatchObject({ action: 'imported', note: 'from a file' });
    expect(diff.out).toBe('+ Nobody else = "Y"\n');
    expect(back.changes).toMatchObject([{ key: 'Nobody else', kind: 'removed' }]);
    expect(shown.out).toContain('Premier');
  });

  test('makes a table of a kind, and refuses what nobody saw or what says nothing', async () => {
    const made = await trueup('lookups', 'new', 'fiscal-calendars', '--title', 'Our years');
    const calendar = await trueup('lookups', 'set', 'fiscal-calendars', 'Acme', '--value', '{ startMonth: 2 }'); // prettier-ignore
    const stale = await trueup('lookups', 'set', 'fiscal-calendars', 'B', '--value', '{ startMonth: 3 }', '--at', '1'); // prettier-ignore
    const bad = await trueup('lookups', 'set', 'fiscal-calendars', 'B', '--value', '{ startMonth: 14 }'); // prettier-ignore
    const nothing = await trueup('lookups', 'set', 'fiscal-calendars');
    const list = await trueup('lookups', 'list');

    expect([made.code, calendar.code, stale.code, bad.code, nothing.code]).toEqual([0, 0, 5, INVALID, 2]); // prettier-ignore
    expect(list.out).toMatch(/fiscal-calendars +fiscal-calendars +2 +1 +0/);
  });
});

describe('stewards', () => {
  test('are named, and what was found about a thing is mended with it, for people who are there', async () => {
    const person = await json('users', 'add', 'Stella', '--role', 'editor');
    const kinds = async (kind: string) =>
      (await rows(`/findings?kind=${kind}&limit=500`)).map(({ subject }: { subject: { type: string; id: string } }) => `${subject.type} ${subject.id}`); // prettier-ignore
    const before = await kinds('unowned');
    const told = (await company.get('/mappings?limit=200')).body.data;
    for (const type of ['product', 'agreement', 'policy'])
      await json('stewards', 'set', type, '*', '--person', person.id);
    const missing = await kinds('unowned');
    await json('stewards', 'set', 'mapping', ACCOUNTS, '--person', person.id, '--review-due', '2026-03-01'); // prettier-ignore
    const [overdue, owned] = [await kinds('review_overdue'), await kinds('unowned')];
    const view = (await company.get(`/mappings/${ACCOUNTS}`)).body;
    await trueup('users', 'disable', person.id);
    const gone = await kinds('unowned');

    // Reconciled or not, nobody was named yet: one finding a type at most.
    expect(before.every((each: string) => each.endsWith(' *'))).toBe(true);
    expect(told.every(({ owner }: { owner: unknown }) => owner === null)).toBe(true);
    expect(new Set(missing.map((each: string) => each.split(' ')[0]))).toEqual(new Set(['mapping'])); // prettier-ignore
    expect(missing).toContain(`mapping ${ACCOUNTS}`);
    expect([overdue, owned.includes(`mapping ${ACCOUNTS}`)]).toEqual([[`mapping ${ACCOUNTS}`], false]); // prettier-ignore
    expect(view).toMatchObject({ steward: person.id, reviewDue: '2026-03-01' });
    expect(gone).toContain('policy people');
    expect(gone.some((each: string) => each.startsWith('product '))).toBe(true);
  });

  test('of products and agreements are left alone by a reconciliation that finds nothing about them', async () => {
    const before = await rows('/findings?kind=unowned&limit=500');
    await company.harness.ask('reconcile', { reconciliationId: null });
    await company.harness.drain();
    const after = await rows('/findings?kind=unowned&limit=500');

    expect(after.map(({ id }: { id: string }) => id)).toEqual(before.map(({ id }: { id: string }) => id)); // prettier-ignore
    expect(after.length).toBeGreaterThan(10);
  });
});
