import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addConnection } from '../../src/app/flows/add-connection.ts';
import { retryErrors } from '../../src/app/flows/retry-errors.ts';
import { listQuarantine } from '../../src/intake/quarantine.ts';
import { factsOf } from '../../src/ledger/facts.ts';
import { publishMapping } from '../../src/mapping/publish.ts';
import { startHarness, type Harness } from '../support/flow-harness.ts';

let world: Harness;
let file: string;
let good: string;

beforeAll(async () => {
  world = await startHarness();
  file = join(world.twins.directory, 'employment.csv');
  good = await readFile(file, 'utf8');
}, 60_000);
afterAll(() => world?.stop());

/** Gives the first spell of the file an end that is no date. */
async function breakFirstSpell(): Promise<{ readonly id: string }> {
  const lines = good.split('\n');
  const cells = (lines[1] ?? '').split(',');
  cells[4] = 'never';
  lines[1] = cells.join(',');
  await writeFile(file, lines.join('\n'));
  const [spell] = await readSpells(`${cells[0]}/`);
  return { id: spell ?? '' };
}

const readSpells = async (start: string): Promise<readonly string[]> => {
  await world.pull('files', { streams: ['employment'] });
  const open = await openErrors();
  return open.map(({ recordId }) => recordId).filter((id) => id.includes(start.replace('/', '')));
};
const openErrors = () => world.inTx((tx) => listQuarantine(tx, { status: 'open', limit: 10 }));
const spells = (id: string) => world.inTx((tx) => factsOf(tx, 'employmentSpell', { refs: [id] }));

test('a record that does not map waits with its reason, and the others of its page go on', async () => {
  const { id } = await breakFirstSpell();

  const [error, ...others] = await openErrors();
  const mapped = await world.inTx((tx) => factsOf(tx, 'employmentSpell'));

  expect(others).toEqual([]);
  expect(error).toMatchObject({
    recordId: id,
    stage: 'mapping',
    mappingId: 'file.employment',
    field: 'validTo',
  });
  expect(error?.reason).toMatch(/validTo.*next-day/);
  expect(mapped).toHaveLength(good.trimEnd().split('\n').length - 2);
});

test('tried again without a change it still waits, and the attempt is counted', async () => {
  const retried = await retryErrors(world.deps, world.caller, {});
  await world.drain();

  const [error] = await openErrors();
  expect(retried.records).toBe(1);
  expect(error).toMatchObject({ status: 'open', attempts: 2 });
});

/** A version that no shipped mapping has. */
const NEXT = 99;

test('tried again under a better mapping it maps from what has landed, without asking the source', async () => {
  const [error] = await openErrors();
  const shipped = await readFile(
    join(world.deps.registry.mappingsDir, 'file/employment.yaml'),
    'utf8',
  );
  const better = shipped
    .replace(/^version: \d+$/m, `version: ${NEXT}`)
    .replace(
      /validTo: .*/,
      'validTo: { expr: \'src.end_date == "never" ? "2099-12-31" : src.end_date\', to: date }',
    )
    .replace(/tests:[\s\S]*/, '');
  await world.inTx((tx) =>
    publishMapping(tx, world.deps.mappings, { text: better, person: 'ada' }),
  );
  await writeFile(file, '');

  await retryErrors(world.deps, world.caller, { id: error?.id });
  await world.drain();

  const [fact] = await spells(error?.recordId ?? '');
  expect(await openErrors()).toEqual([]);
  expect(fact).toMatchObject({
    body: { validTo: '2099-12-31' },
    lineage: { mappingVersion: NEXT },
  });
});

test('mended at the source it maps with the next pull, and the error is closed', async () => {
  await writeFile(file, good.replace(/^(E\d+,.*?,.*?,.*?),,/m, '$1,31.12.2099,'));
  await world.pull('files', { streams: ['employment'] });
  const before = await openErrors();

  await writeFile(file, good);
  await world.pull('files', { streams: ['employment'] });

  expect(before).toHaveLength(1);
  expect(await openErrors()).toEqual([]);
});

/** A row that cannot be kept: the same spell once more, at the end of the file. */
const twice = (): string => `${good.trimEnd()}\n${good.split('\n')[1] ?? ''}\n`;
const pullText = async (text: string): Promise<readonly string[]> => {
  await writeFile(file, text);
  await world.pull('files', { streams: ['employment'] });
  return (await openErrors()).map(({ recordId, code }) => `${code} ${recordId}`);
};

test('what could not be kept waits under one id, and no longer once the source does not hold it any more', async () => {
  const first = await pullText(twice());
  const again = await pullText(twice());
  const moved = await pullText(twice().replace('\n', '\n\n'));
  const mended = await pullText(good);

  expect(first).toEqual([expect.stringMatching(/^duplicate_key .*#line:\d+$/)]);
  expect(again).toEqual(first);
  expect(moved).toHaveLength(1);
  expect(mended).toEqual([]);
});

test('what did not map waits no longer once its record is gone at the source', async () => {
  const before = await pullText(good.replace(/^(E\d+,.*?,.*?,.*?),,/m, '$1,31.12.2099,'));
  const [id = ''] = before.map((each) => each.split(' ')[1] ?? '');
  const [employee = '', start = ''] = id.split('|');
  const isIt = (line: string): boolean => line.startsWith(`${employee},`) && line.includes(start);

  const after = await pullText(good.split('\n').filter((line) => !isIt(line)).join('\n')); // prettier-ignore

  expect(before).toHaveLength(1);
  expect(after).toEqual([]);
});

test('a line of a licence log that could not be used waits no more once the log before it is there', async () => {
  const directory = await mkdtemp(join(world.twins.directory, 'log-'));
  const log = (name: string, ...lines: readonly string[]) =>
    writeFile(
      join(directory, name),
      ['0:00:00 (lmgrd) TIMESTAMP 3/2/2026', ...lines, ''].join('\n'),
    );
  await addConnection(world.deps, world.caller, {
    name: 'cad', connector: 'flexnet', allowPrivateNetwork: false, check: false, force: false, secrets: {},
    config: { directory, server: 'lic1', timeZone: 'UTC', rotatedLogs: 'lmgrd.log.*', streams: 'checkouts' },
  }); // prettier-ignore
  await log('lmgrd.log', '10:05:00 (cad) IN: "cad" ann@h1', '10:06:00 (cad) IN: "cad" bob@h1');
  await world.pull('cad');
  const before = await openErrors();
  await log('lmgrd.log.1', '9:00:00 (cad) OUT: "cad" ann@h1');

  await world.pull('cad', { full: true });

  expect(before.map(({ code }) => code)).toEqual(['check_out_missing', 'check_out_missing']);
  expect(await openErrors()).toHaveLength(1);
});
