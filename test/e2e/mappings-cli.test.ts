import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { factsOf } from '../../src/ledger/facts.ts';
import type { Answer } from '../support/api.ts';
import type { CliResult } from '../support/cli.ts';
import { serveCompany, type ServedCompany } from '../support/served-company.ts';

// Every verb of `mappings` on the sample company, beside what REST answers. Tests take up what the one before left.

const CONFLICT = 5;
const INVALID = 6;
const DIFFERENT = 9;
const MAPPINGS = join(import.meta.dirname, '../../mappings');
const ACCOUNT = 'salesforce.account';
const LINE = 'salesforce.opportunity-line';

const OWN = `# why: the reseller's list
id: own.reseller
version: 1
source: { connection: salesforce, object: Account }
target: { object: organization }
when: coalesce(src.?Type) == "Reseller"
fields:
  externalRef: { expr: '"reseller:" + record.id', key: true }
  legalName: { from: src.Name } # as on the contract
  kind: { value: reseller }
tests:
  - name: a whole account that is a customer
    given: samples/salesforce/Account.json
    expect: skipped
`;

const Tagged = z.looseObject({ text: z.string(), tag: z.string().optional() });
const Change = z.looseObject({ id: z.string(), hash: z.string(), state: z.string() });
const Asked = z.looseObject({ change: Change });

let company: ServedCompany;
let editor: string;
let approver: string;

beforeAll(async () => {
  company = await serveCompany();
  const { tenantId } = company.harness.caller;
  editor = (await company.api.person(tenantId, ['editor'], 'Edda')).key;
  approver = (await company.api.person(tenantId, ['approver'], 'Abel')).key;
}, 240_000);
afterAll(() => company?.stop());

const as = (key: string, ...args: readonly string[]): Promise<CliResult> =>
  company.trueup(['mappings', ...args], { TRUEUP_KEY: key });
const rest = (key: string, method: string, path: string, more: object = {}): Promise<Answer> =>
  company.api.call(method, `/api/v1${path}`, { key, ...more });
const json = async <T extends z.ZodType>(shape: T, key: string, ...args: readonly string[]) => {
  const { code, out, err } = await as(key, ...args, '--json');
  expect([code, err]).toEqual([0, '']);
  return shape.parse(JSON.parse(out));
};
const file = async (name: string, text: string): Promise<string> => {
  const path = join(company.desk, name);
  await writeFile(path, text);
  return path;
};
/** How many organisations of the CRM the ledger holds with that region. */
const inRegion = (region: string | undefined): Promise<number> =>
  company.harness.inTx(async (tx) => {
    const all = await factsOf(tx, 'organization');
    return all.filter(({ body }) => body['dataResidencyRegion'] === region).length;
  });

test('list gives every mapping once, as REST does, and narrows to an object', async () => {
  const all = await json(z.array(z.looseObject({ id: z.string() })), editor, 'list', '--limit', '0'); // prettier-ignore
  const { body } = await rest(editor, 'GET', '/mappings?limit=500');
  const some = await json(z.array(z.looseObject({ id: z.string() })), editor, 'list', '--object', 'AssetStatePeriod'); // prettier-ignore
  const table = (await as(editor, 'list', '--object', 'AssetStatePeriod')).out;
  const [{ coverage }] = body.data.filter(({ id }: { id: string }) => id === some[0]?.id);

  expect(all).toEqual(body.data);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(70);
  expect(some.map(({ id }) => id)).toEqual(['salesforce.asset-state-period']);
  expect(table).toMatch(/STATE +REQUIRED +ERRORS 7 D +OWNER/);
  expect(table).toMatch(new RegExp(`ok +${coverage.mapped}/${coverage.required} +0 +unowned`));
});

test('show prints the shipped file to the letter, and REST gives the same', async () => {
  const shipped = await readFile(join(MAPPINGS, 'salesforce/account.yaml'), 'utf8');

  const { out } = await as(editor, 'show', ACCOUNT);
  const shown = await json(Tagged, editor, 'show', ACCOUNT);
  const { body } = await rest(editor, 'GET', `/mappings/${ACCOUNT}`);
  const yaml = await rest(editor, 'GET', `/mappings/${ACCOUNT}`, { headers: { accept: 'application/yaml' } }); // prettier-ignore

  expect([out.trimEnd(), shown.text, yaml.text]).toEqual([shipped.trimEnd(), shipped, shipped]);
  expect(shown).toEqual(body);
});

test('validate says of a file what REST says of its text, with the same problems', async () => {
  const broken = OWN.replace('legalName:', 'legalNam:').replace('src.?Type', 'src.?Typ(');
  const [good, bad] = [await file('own.yaml', OWN), await file('bad.yaml', broken)];

  const fits = await json(z.looseObject({}), editor, 'validate', good);
  const refused = await as(editor, 'validate', bad, '--json');
  const verdicts = await Promise.all(
    [OWN, broken].map((text) =>
      rest(editor, 'POST', '/mappings:validate', { body: { text } }).then(({ body }) => body),
    ),
  );

  const without = ({ line: _line, ...problem }: { readonly line?: unknown }) => problem;
  expect(fits).toEqual(verdicts[0]);
  expect(refused.code).toBe(INVALID);
  expect(JSON.parse(refused.out)).toEqual({
    ok: false,
    problems: verdicts[1].problems.map(without),
  });
});

test('new makes a draft with its comments; what does not fit is refused at both doors', async () => {
  const bad = join(company.desk, 'bad.yaml');

  const refused = await as(editor, 'new', bad);
  const posted = await rest(editor, 'POST', '/mappings', { body: { text: await readFile(bad, 'utf8') } }); // prettier-ignore
  const made = await json(Tagged, editor, 'new', join(company.desk, 'own.yaml'));
  const again = await as(editor, 'new', join(company.desk, 'own.yaml'));
  const { body } = await rest(editor, 'GET', '/mappings/own.reseller/draft');

  expect([refused.code, posted.status, again.code]).toEqual([INVALID, 422, CONFLICT]);
  expect(refused.err).toContain(posted.body.errors[0].pointer);
  expect([made.text, body.text]).toEqual([OWN, OWN]);
});

test('edit leaves what PATCH leaves: one row changed, every comment kept', async () => {
  const value = { from: 'src.Name', steps: ['trim'] };
  const path = '/mappings/own.reseller/draft';

  const typed = await json(Tagged, editor, 'edit', 'own.reseller', '--set', 'legalName={ from: src.Name, steps: [trim] }'); // prettier-ignore
  const fetched = join(company.desk, 'fetched.yaml');
  await as(editor, 'show', 'own.reseller', '--draft', '--out', fetched);
  const marked = await readFile(fetched, 'utf8');
  await writeFile(fetched, marked.replace(typed.text, OWN));
  const unmarked = await as(
    editor,
    'edit',
    'own.reseller',
    '--file',
    join(company.desk, 'own.yaml'),
  );
  const replaced = await as(editor, 'edit', 'own.reseller', '--file', fetched);
  const outdated = await as(editor, 'edit', 'own.reseller', '--file', fetched);
  const { headers } = await rest(editor, 'GET', path);
  const blind = await rest(editor, 'PATCH', path, { body: { edits: [{ op: 'remove', row: 'kind' }] } }); // prettier-ignore
  const patched = await rest(editor, 'PATCH', path, {
    headers: { 'if-match': headers.get('etag') ?? '' },
    body: { edits: [{ op: 'set', row: 'legalName', value }] },
  });

  // The text says which draft it was made from: it is taken once, and not over somebody's later work.
  expect([unmarked.code, replaced.code, outdated.code]).toEqual([2, 0, CONFLICT]);
  expect(marked).toMatch(/^# draft \S+: keep this line/);
  expect(blind.status).toBe(428);
  expect(patched.body.text).toBe(typed.text);
  expect(typed.text).toBe(OWN.replace('src.Name }', 'src.Name, steps: [ trim ] }'));
});

test('shipped tests run on their sample records, the same over REST', async () => {
  const Tested = z.looseObject({ ok: z.boolean(), tests: z.array(z.looseObject({})) });

  const shipped = await json(Tested, editor, 'test', ACCOUNT);
  const own = await json(Tested, editor, 'test', 'own.reseller');
  const { body } = await rest(editor, 'POST', `/mappings/${ACCOUNT}:test`, { body: {} });

  expect([shipped.ok, own.ok]).toEqual([true, true]);
  expect(shipped.tests).toContainEqual({ name: 'a whole account row', passed: true, difference: null }); // prettier-ignore
  expect(shipped).toEqual(body);
});

test('suggest and preview answer what REST answers', async () => {
  const suggested = await json(z.looseObject({ suggestions: z.array(z.looseObject({})) }), editor, 'suggest', ACCOUNT); // prettier-ignore
  const previewed = await json(z.looseObject({ records: z.array(z.looseObject({})) }), editor, 'preview', LINE, '--newest', '3'); // prettier-ignore
  const asked = await rest(editor, 'POST', `/mappings/${ACCOUNT}:suggest`, { body: {} });
  const looked = await rest(editor, 'POST', `/mappings/${LINE}:preview`, { body: { sample: 3 } });

  expect(suggested.suggestions).toEqual(asked.body.suggestions);
  expect(previewed.records).toHaveLength(3);
  expect(previewed).toEqual(looked.body);
});

test('shadow counts what REST counts, and says so to scripts', async () => {
  const Shadow = z.looseObject({ id: z.string(), counts: z.looseObject({}), lookedAt: z.number() });
  const REGION = 'dataResidencyRegion={ value: eu }';
  await as(editor, 'edit', ACCOUNT, '--set', REGION);

  const { code, out } = await as(editor, 'shadow', ACCOUNT, '--show', '0', '--exit-code', '--json');
  const run = Shadow.parse(JSON.parse(out));
  const kept = await rest(editor, 'GET', `/shadow-runs/${run.id}`);
  const posted = await rest(editor, 'POST', `/mappings/${ACCOUNT}:shadow`, { body: {} });

  expect(code).toBe(DIFFERENT);
  expect(run.lookedAt).toBeGreaterThan(10);
  expect([run.counts, run['fields']]).toEqual([posted.body.counts, { dataResidencyRegion: run.lookedAt }]); // prettier-ignore
  expect(kept.body).toMatchObject({ id: run.id, counts: run.counts, differing: run.lookedAt });
  expect(await inRegion('eu')).toBe(0);
});

test('diff, submit, approve and publish: the ledger says it once somebody else agreed', async () => {
  const difference = { row: 'dataResidencyRegion', text: expect.stringContaining('is new') };

  const diff = await json(z.looseObject({ differences: z.array(z.looseObject({})) }), editor, 'diff', ACCOUNT); // prettier-ignore
  const compared = await rest(editor, 'GET', `/mappings/${ACCOUNT}/diff`);
  const request = await json(Change, editor, 'submit', ACCOUNT, '--note', 'where data stays');
  const waiting = await rest(approver, 'GET', `/change-requests/${request.id}`);
  const approved = await json(Change, approver, 'approve', request.id, '--hash', request.hash);
  const published = await json(Asked, approver, 'publish', request.id);
  await company.harness.drain();
  const { body } = await rest(editor, 'GET', `/mappings/${ACCOUNT}`);

  expect(diff.differences).toEqual([expect.objectContaining(difference)]);
  expect(diff).toEqual(compared.body);
  expect(waiting.body).toMatchObject({ state: 'waiting', hash: request.hash });
  expect([approved.state, published.change.state]).toEqual(['approved', 'published']);
  expect(body.live).toMatchObject({ version: 2, origin: 'published' });
  expect(await inRegion('eu')).toBeGreaterThan(10);
});

test('rollback brings the shipped content back, through the same two people', async () => {
  const dry = await json(z.looseObject({ preview: z.looseObject({}) }), editor, 'rollback', ACCOUNT, '--to', '1', '--dry-run'); // prettier-ignore
  const looked = await rest(editor, 'POST', `/mappings/${ACCOUNT}:rollback`, { body: { version: 1, dryRun: true } }); // prettier-ignore
  const { change } = await json(Asked, editor, 'rollback', ACCOUNT, '--to', '1');
  await as(approver, 'approve', change.id, '--hash', change.hash, '--publish');
  await company.harness.drain();
  const same = await as(editor, 'diff', ACCOUNT, '--from', '1', '--to', 'live', '--exit-code');

  expect(dry).toEqual(looked.body);
  expect([same.code, same.out]).toEqual([0, 'No difference.\n']);
  expect(await inRegion('eu')).toBe(0);
});

test('replay maps again what landed, and every record is counted', async () => {
  const Replays = z.looseObject({ replays: z.array(z.looseObject({ records: z.number() })) });
  const Shown = z.array(z.looseObject({ status: z.string(), done: z.number(), records: z.number() })); // prettier-ignore
  const before = await company.held('opportunityLine');

  const { replays } = await json(Replays, approver, 'replay', LINE);
  await company.harness.drain();
  const shown = await json(Shown, approver, 'replay', LINE, '--show');
  const { body } = await rest(approver, 'GET', `/mappings/${LINE}/replays`);

  expect(replays.map(({ records }) => records)).toEqual([before.length]);
  expect(shown).toEqual(body.data);
  expect(shown[0]).toMatchObject({ done: before.length, records: before.length });
  expect(await company.held('opportunityLine')).toEqual(before);
});

test('what is exported imports as the same, and as a draft once it differs', async () => {
  const out = join(company.desk, 'all.yaml');
  await as(editor, 'export', LINE, 'salesforce.contract', '--out', out);
  const text = await readFile(out, 'utf8');
  const changed = await file('changed.yaml', text.replace('title: Opportunity line', 'title: Deal line')); // prettier-ignore

  const exported = await rest(editor, 'GET', `/mappings:export?ids=${LINE},salesforce.contract`);
  const same = await json(z.looseObject({}), editor, 'import', out, '--dry-run');
  const looked = await rest(editor, 'POST', '/mappings:import', { body: { text, dryRun: true } });
  const done = await json(z.looseObject({ drafts: z.array(z.string()) }), editor, 'import', changed); // prettier-ignore
  const draft = await rest(editor, 'GET', `/mappings/${LINE}/draft`);

  expect(text).toBe(exported.body.text);
  expect(same).toEqual(looked.body);
  expect(looked.body.mappings.map((each: { state: string }) => each.state)).toEqual(['same', 'same']); // prettier-ignore
  expect(done.drafts).toEqual([LINE]);
  expect(draft.body.text).toContain('title: Deal line');
});

test('lookups: a table that a mapping asks is made, filled, asked of, and taken back', async () => {
  const lookups = (...args: readonly string[]) => company.trueup(['lookups', ...args, '--json'], { TRUEUP_KEY: editor }); // prettier-ignore
  const parsed = async (...args: readonly string[]) => JSON.parse((await lookups(...args)).out);
  const table = await file('regions.yaml', 'US: us\nDE: eu\n');
  const row = 'dataResidencyRegion={ from: src.BillingCountryCode, lookup: regions, onMissing: "null" }'; // prettier-ignore

  await lookups('new', 'regions');
  const tried = await parsed('import', 'regions', table, '--dry-run');
  const imported = await parsed('import', 'regions', table);
  await as(editor, 'edit', ACCOUNT, '--set', row);
  const request = await json(Change, editor, 'submit', ACCOUNT);
  await as(approver, 'approve', request.id, '--hash', request.hash, '--publish');
  await company.harness.drain();
  const unmatched = await parsed('unmatched', 'regions', '--limit', '0');
  const held = await Promise.all(['us', 'eu', 'ca'].map(inRegion));
  const set = await parsed('set', 'regions', 'CA', 'ca');
  await company.harness.drain();
  const added = await inRegion('ca');
  const shown = await parsed('show', 'regions');
  const { body } = await rest(editor, 'GET', '/lookups/regions/entries');

  expect([tried.done, imported.done.lookup.entries]).toEqual([null, 2]);
  expect(unmatched.map(({ key }: { key: string }) => key)).toContain('CA');
  expect(held).toEqual([expect.any(Number), expect.any(Number), 0]);
  expect(Math.min(held[0] ?? 0, held[1] ?? 0)).toBeGreaterThan(0);
  expect(set.replays.map(({ records }: { records: number }) => records)).toEqual([added]);
  expect(shown).toEqual(body.data);

  const restored = await parsed('restore', 'regions', '2');
  const history = await parsed('history', 'regions');
  const versions = await rest(editor, 'GET', '/lookups/regions/versions');
  const exported = await parsed('export', 'regions', '--format', 'yaml');

  expect(restored.changes).toEqual([expect.objectContaining({ key: 'CA', kind: 'removed' })]);
  expect(history).toEqual(versions.body.data);
  expect(exported.text).toContain('DE: eu');
}, 120_000); // Twelve programs, one after the other.
