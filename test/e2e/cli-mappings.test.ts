import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { makeCliHome, type CliHome, type CliResult } from '../support/cli.ts';

// One mapping's way from a file into effect and back, by two people at the command line: each test takes up what the one
// before it left.

const USAGE = 2;
const FORBIDDEN = 3;
const MISSING = 4;
const CONFLICT = 5;
const INVALID = 6;
const DIFFERENT = 9;

const ID = 'own.product';
const TEXT = `# why: our part numbers live elsewhere
id: ${ID}
version: 1
source: { connection: acme, object: Product }
target: { object: sku }
fields:
  externalRef: { from: record.id, key: true }
  skuCode: { from: src.Code } # as printed
  name: { from: src.Name }
tests:
  - name: a product
    given: { Code: A-1, Name: Atlas }
    expect: { skuCode: A-1 }
`;

let home: CliHome;
let url: string;
let ana: string;
let ben: string;
let file: string;
let request: z.infer<typeof Change>;

const Change = z.object({ id: z.string(), hash: z.string(), state: z.string() });

const as = (key: string, ...args: readonly string[]): Promise<CliResult> =>
  home.run(['--url', url, ...args], { TRUEUP_KEY: key });
const json = async <T extends z.ZodType>(shape: T, key: string, ...args: readonly string[]) => {
  const { code, out, err } = await as(key, '--json', 'mappings', ...args);
  expect([code, err]).toEqual([0, '']);
  return shape.parse(JSON.parse(out));
};
const keyOf = async (name: string, ...roles: readonly string[]) => {
  const { id } = await home.json(['users', 'add', name, ...roles.flatMap((role) => ['--role', role])], z.object({ id: z.string() })); // prettier-ignore
  return (await home.json(['keys', 'create', '--person', id], z.object({ text: z.string() }))).text;
};

beforeAll(async () => {
  home = await makeCliHome();
  ({ url } = await home.json(['up'], z.object({ url: z.url() })));
  ana = await keyOf('Ana', 'editor', 'approver');
  ben = await keyOf('Ben', 'approver');
  file = join(home.desk, 'product.yaml');
  await writeFile(file, TEXT);
}, 90_000);
afterAll(() => home.stop(), 60_000);

test('a new mapping is a draft; what does not fit is refused with its place and exit 6', async () => {
  const broken = join(home.desk, 'broken.yaml');
  await writeFile(broken, TEXT.replace('skuCode: { from', 'skuKode: { from'));
  const refused = await as(ana, 'mappings', 'new', broken);
  const made = await as(ana, 'mappings', 'new', file);
  const shown = await as(ana, 'mappings', 'show', ID, '--draft');

  expect([refused.code, refused.err]).toEqual([
    INVALID,
    expect.stringContaining('/fields/skuKode'),
  ]);
  expect(made.code).toBe(0);
  expect(shown.out).toBe(TEXT);
});

test('a row is edited without touching the others, and the mapping’s tests say what broke', async () => {
  await as(ana, 'mappings', 'edit', ID, '--set', 'skuCode={ from: src.Part }');
  const red = await as(ana, 'mappings', 'test', ID);
  const blocked = await as(ana, 'mappings', 'submit', ID);
  await as(ana, 'mappings', 'edit', ID, '--set', 'skuCode={ from: src.Code, steps: [trim] }');
  const green = await as(ana, 'mappings', 'test', ID);
  const unchanged = await as(ana, 'mappings', 'edit', ID);

  expect([red.code, blocked.code, green.code]).toEqual([INVALID, INVALID, 0]);
  expect(red.out).toContain('FAILED  a product');
  expect(unchanged.code).toBe(2);
});

test('nobody approves their own; somebody else approves what they saw and publishes it', async () => {
  request = await json(Change, ana, 'submit', ID, '--note', 'trimmed');
  const waiting = await as(ana, 'mappings', 'requests', '--state', 'waiting');
  const own = await as(ana, 'mappings', 'approve', request.id, '--hash', request.hash);
  const wrong = await as(ben, 'mappings', 'approve', request.id, '--hash', 'f'.repeat(64));
  const early = await as(ben, 'mappings', 'publish', request.id);
  const seen = await as(ben, 'mappings', 'request', request.id);
  const done = await as(ben, 'mappings', 'approve', request.id, '--hash', request.hash, '--publish'); // prettier-ignore
  const list = await as(ana, 'mappings', 'list', '--limit', '0');

  expect([own.code, wrong.code, early.code]).toEqual([FORBIDDEN, CONFLICT, CONFLICT]);
  expect(waiting.out).toContain(request.id);
  expect(seen.out).toContain('skuCode is new: from src.Code.');
  expect(done.out).toContain('published');
  expect(list.out).toMatch(new RegExp(`${ID} .*published`));
});

test('what differs is told in words, and with exit 9 for scripts', async () => {
  await as(ana, 'mappings', 'edit', ID, '--set', 'metricCode={ value: user }');
  const diff = await as(ana, 'mappings', 'diff', ID, '--exit-code');
  const same = await as(ana, 'mappings', 'diff', ID, '--from', '1', '--to', 'live', '--exit-code');

  expect([diff.code, same.code, same.out]).toEqual([DIFFERENT, 0, 'No difference.\n']);
  expect(diff.out).toContain('metricCode is new: the fixed value user.');
});

test('a request goes back with a comment, and may be published at a time to come', async () => {
  const first = await json(Change, ana, 'submit', ID);
  const back = await as(ben, 'mappings', 'return', first.id, '--comment', 'why user?');
  const again = await json(Change, ana, 'submit', ID, '--no-replay');
  await as(ben, 'mappings', 'approve', again.id, '--hash', again.hash);
  const later = await as(ben, 'mappings', 'publish', again.id, '--at', '2999-01-01T00:00:00Z');
  const now = await as(ben, 'mappings', 'publish', again.id);

  expect(back.out).toContain('returned');
  expect(later.out).toContain('2999-01-01');
  expect(now.out).toContain(`${ID} version 2 is in effect`);
});

test('a roll back is counted first, then takes the same way', async () => {
  const dry = await as(ana, 'mappings', 'rollback', ID, '--to', '1', '--dry-run');
  const Asked = z.object({ change: Change });
  const { change } = await json(Asked, ana, 'rollback', ID, '--to', '1', '--restore');
  const own = await as(ana, 'mappings', 'approve', change.id, '--hash', change.hash);
  await as(ben, 'mappings', 'approve', change.id, '--hash', change.hash, '--publish');
  const versions = await as(ana, 'mappings', 'versions', ID);
  const created = await as(ana, 'mappings', 'created', change.id);

  expect(dry.out).toContain('metricCode is gone');
  expect(own.code).toBe(FORBIDDEN);
  expect(versions.out.split('\n')[1]).toMatch(/^3 +published +yes/);
  expect(created.out).toBe('It had made none.\n');
});

test('what is exported comes in elsewhere as drafts, after a look at what differs', async () => {
  const out = join(home.desk, 'mappings.yaml');
  await as(ana, 'mappings', 'export', '--out', out);
  const text = await readFile(out, 'utf8');
  const same = await as(ana, 'mappings', 'import', out, '--dry-run');
  await writeFile(out, text.replaceAll(ID, 'own.other'));
  const dry = await as(ana, 'mappings', 'import', out, '--dry-run');
  const done = await as(ana, 'mappings', 'import', out);

  expect(text).toContain('# why: our part numbers live elsewhere');
  expect(same.out).toContain(`${ID}: same`);
  expect(dry.out).toContain('There is no connection "acme" here.');
  expect(dry.out).toContain('Nothing was changed.');
  expect(done.out).toContain('own.other');
});

test('a request is declined with a reason, and withdrawn by who made it and nobody else', async () => {
  await as(ana, 'mappings', 'edit', ID, '--set', 'metricCode={ value: core }');
  const first = await json(Change, ana, 'submit', ID);
  const silent = await as(ben, 'mappings', 'decline', first.id);
  const declined = await as(ben, 'mappings', 'decline', first.id, '--comment', 'not this year');
  const told = await as(ana, 'mappings', 'request', first.id);
  const second = await json(Change, ana, 'submit', ID);
  const stranger = await as(ben, 'mappings', 'withdraw', second.id);
  const withdrawn = await as(ana, 'mappings', 'withdraw', second.id);
  const late = await as(ben, 'mappings', 'approve', second.id, '--hash', second.hash);
  const discarded = await as(ana, 'mappings', 'edit', ID, '--discard');

  expect([silent.code, stranger.code]).toEqual([USAGE, FORBIDDEN]);
  expect(declined.out).toBe(`${first.id} is declined.\n`);
  expect(told.out).toContain('not this year');
  expect([withdrawn.out, late.code]).toEqual([`${second.id} is withdrawn.\n`, CONFLICT]);
  expect(discarded.out).toBe(`The draft of ${ID} is gone.\n`);
}, 90_000);

test('the history of a row names the versions that changed it, and why', async () => {
  const history = await as(ana, 'mappings', 'history', ID, 'metricCode');
  const never = await as(ana, 'mappings', 'history', ID, 'edition');

  expect(history.out.match(/^version \d/gm)).toEqual(['version 3', 'version 2']);
  expect(history.out).toContain('metricCode is gone; it was the fixed value user.');
  expect(never.code).toBe(MISSING);
});

test('a new mapping begins with the rows of another', async () => {
  const made = await as(ana, 'mappings', 'new', '--from', ID, '--id', 'own.part', '--object', 'Part'); // prettier-ignore
  const shown = await as(ana, 'mappings', 'show', 'own.part', '--draft');
  const same = await as(ana, 'mappings', 'new', '--from', ID, '--id', 'own.twin');
  const unclear = [
    await as(ana, 'mappings', 'new'),
    await as(ana, 'mappings', 'new', file, '--from', ID, '--id', 'own.twin'),
    await as(ana, 'mappings', 'new', '--from', ID),
  ];

  expect(made.out).toContain('The draft of own.part is saved, revision 1');
  expect(shown.out).toContain('source: { connection: acme, object: Part }');
  expect(shown.out).toContain('# why: our part numbers live elsewhere');
  expect([same.code, ...unclear.map(({ code }) => code)]).toEqual([INVALID, USAGE, USAGE, USAGE]);
});

test('one administrator may do without a second person, of two the other one agrees or refuses', async () => {
  const admin = (...args: readonly string[]) => home.run(['mappings', 'rules', ...args]); // prettier-ignore
  const off = await admin('--second-person', 'off');
  const on = await admin('--second-person', 'on');
  const dora = await keyOf('Dora', 'admin');
  const asked = await admin('--second-person', 'off');
  const { pending } = JSON.parse((await admin('--json')).out);
  const self = await admin('--confirm', pending.id);
  const refused = await as(dora, 'mappings', 'rules', '--decline', pending.id);
  const two = await admin('--second-person', 'on', '--decline', pending.id);

  expect(off.out).toContain('One person alone can put mappings in effect.');
  expect(on.out).toBe('A second person approves every mapping before it comes into effect.\n');
  expect(asked.out).toContain(`trueup mappings rules --confirm ${pending.id}`);
  expect([self.code, refused.out, two.code]).toEqual([FORBIDDEN, on.out, USAGE]);
}, 90_000);

test('a replay says what it maps again', async () => {
  const none = await as(ben, 'mappings', 'replay', ID, '--failed');
  const never = await as(ben, 'mappings', 'replay', ID, '--show');
  const editor = await as(await keyOf('Edda', 'editor'), 'mappings', 'replay', ID);

  expect(none.out).toBe('No landed record is to be mapped again.\n');
  expect(never.out).toBe('It was never replayed.\n');
  expect(editor.code).toBe(FORBIDDEN);
});
