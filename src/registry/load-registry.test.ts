import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NotFoundError } from '../kernel/errors.ts';
import { loadRegistry } from './load-registry.ts';

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'trueup-registry-'));
});
afterAll(() => rmSync(base, { recursive: true }));

const ZOD = `import * as z from '${import.meta.resolve('zod')}';\n`;
const STREAM = `{ name: 'rows', title: 'Rows', cursor: 'full', pageSize: 100, personalData: false }`;

function connector(changes: string): string {
  return `${ZOD}const settings = z.object({ path: z.string().describe('Where it lies') });
export default { id: 'paper', title: 'Paper', role: 'file', config: settings, secrets: z.object({}),
  streams: [${STREAM}], writers: [], limits: { concurrency: 1, timeoutMs: 1, maxResponseBytes: 1 },
  hosts: () => [], open: () => Promise.reject(new Error('no')), ${changes} };\n`;
}

const job = (changes = '') =>
  `${ZOD}export default { name: 'tidy', lane: 'bulk', payload: z.strictObject({}),
  retry: { attempts: 1, backoffMs: 0 }, everySeconds: null, run: async () => {}, ${changes} };\n`;
const transform = (changes = '') =>
  `export default { name: 'shout', description: 'Louder', takesArgument: false, apply: (v) => v, ${changes} };\n`;
const metric = (changes = '') =>
  `${ZOD}export default { code: 'per_core', version: 1, title: 'Cores', family: 'capacity', unit: 'core',
  aggregation: 'sum', source: 'a rule', attributes: z.strictObject({}), meter: () => ({}), ${changes} };\n`;
const twin = (changes = '') =>
  `export default { system: 'paper', start: async () => ({}), ${changes} };\n`;

const WHOLE = {
  'connectors/paper/index.ts': connector(''),
  'connectors/paper/twin/index.ts': twin(),
  'jobs/tidy.ts': job(),
  'mappings/transforms/shout.ts': transform(),
  'src/licensing/metrics/per-core.ts': metric(),
};

/** A tree of plug-ins that is right, but for the changes. */
function treeWith(changes: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(base, 'tree-'));
  for (const [path, text] of Object.entries({ ...WHOLE, ...changes })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('a folder of plug-ins', () => {
  test('is found whole, by name, and its tests and notes are left alone', async () => {
    const root = treeWith({
      'jobs/tidy.test.ts': 'throw new Error("a test was loaded");\n',
      'jobs/README.md': '# jobs\n',
      'connectors/README.md': '# connectors\n',
    });

    const registry = await loadRegistry(root);

    expect([...registry.connectors.keys()]).toEqual(['paper']);
    expect([...registry.jobs.keys()]).toEqual(['tidy']);
    expect([...registry.transforms.keys()]).toEqual(['shout']);
    expect([...registry.metrics.keys()]).toEqual(['per_core']);
    expect(registry.mappingsDir).toBe(join(root, 'mappings'));
    expect((await registry.twin('paper')).system).toBe('paper');
  });

  test('without transforms and metrics is whole as well', async () => {
    const root = treeWith({});
    rmSync(join(root, 'mappings'), { recursive: true });
    rmSync(join(root, 'src'), { recursive: true });

    expect((await loadRegistry(root)).transforms.size).toBe(0);
  });

  test('a twin is loaded when it is asked for, and not before', async () => {
    const registry = await loadRegistry(
      treeWith({ 'connectors/paper/twin/index.ts': 'throw new Error("too early");\n' }),
    );

    await expect(registry.twin('paper')).rejects.toThrow('connectors/paper/twin/index.ts');
  });

  test.each(['stone', '../jobs', ''])('there is no twin of "%s"', async (system) => {
    const registry = await loadRegistry(treeWith({}));

    await expect(registry.twin(system)).rejects.toThrow(NotFoundError);
  });

  test('a root without connectors is refused, because it is not the folder of Trueup', async () => {
    await expect(loadRegistry(mkdtempSync(join(base, 'empty-')))).rejects.toThrow('TRUEUP_ROOT');
  });
});

describe('the start fails with the name of the file and what is wrong with it', () => {
  const C = 'connectors/paper/index.ts';
  const J = 'jobs/tidy.ts';
  const T = 'mappings/transforms/shout.ts';
  const M = 'src/licensing/metrics/per-core.ts';
  const none = 'export const paper = {};\n';

  test.each([
    ['a syntax error', J, 'export default {', 'cannot be loaded'],
    ['an import that leads nowhere', J, `import './gone.ts';\n`, 'cannot be loaded'],
    ['no default export', C, none, 'export default defineConnector('],
    ['no default export', J, none, 'export default defineJob('],
    ['no definition', J, 'export default 3;\n', 'expected object'],
    ['another id', C, connector(`id: 'stone'`), 'id is "stone", but must be "paper"'],
    ['another name', J, job(`name: 'untidy'`), 'name is "untidy", but must be "tidy"'],
    ['another name', T, transform(`name: 'whisper'`), 'must be "shout"'],
    ['another code', M, metric(`code: 'per_seat'`), 'must be "per-core"'],
    ['an unknown role', C, connector(`role: 'oracle'`), 'role'],
    ['no streams', C, connector('streams: []'), 'streams must name at least one stream'],
    ['a stream twice', C, connector(`streams: [${STREAM}, ${STREAM}]`), 'names that differ'],
    [
      'a page of nothing',
      C,
      connector(`streams: [{ ...${STREAM}, pageSize: 0 }]`),
      'streams.0.pageSize must be at least 1',
    ],
    ['settings that are no schema', C, connector('config: {}'), 'config must be a zod schema'],
    [
      'a setting without description',
      C,
      connector('secrets: z.object({ pin: z.string() })'),
      'secrets.pin must carry .describe()',
    ],
    [
      'a setting without description in one of two shapes',
      C,
      connector(
        `secrets: z.union([z.object({}), z.object({ kind: z.literal('a'), pin: z.string() })])`,
      ),
      'secrets.pin must carry .describe()',
    ],
    ['no open', C, connector('open: undefined'), 'open must be a function'],
    ['no limits', C, connector('limits: {}'), 'limits.concurrency'],
    ['an unknown lane', J, job(`lane: 'fast'`), 'lane'],
    ['a payload that is no schema', J, job('payload: {}'), 'payload must be a zod schema'],
    ['no attempts', J, job('retry: { attempts: 0, backoffMs: 1 }'), 'retry.attempts'],
    ['a schedule of nothing', J, job('everySeconds: 0'), 'everySeconds must be at least 1'],
    ['no run', J, job('run: 1'), 'run must be a function'],
    ['no description', T, transform(`description: ''`), 'description must not be empty'],
    ['no apply', T, transform('apply: null'), 'apply must be a function'],
    ['a fraction as version', M, metric('version: 1.5'), 'version must be a whole number'],
    ['an unknown family', M, metric(`family: 'moon'`), 'family'],
    ['no parameters', M, metric('attributes: 1'), 'attributes must be a zod schema'],
    ['no meter', M, metric('meter: {}'), 'meter must be a function'],
  ])('%s (%s)', async (_, file, text, message) => {
    const loading = loadRegistry(treeWith({ [file]: text }));

    await expect(loading).rejects.toMatchObject({
      code: 'bad_configuration',
      message: expect.stringContaining(file),
    });
    await expect(loading).rejects.toThrow(message);
  });

  test('a connector folder without an index', async () => {
    const root = treeWith({ 'connectors/stone/client.ts': 'export const a = 1;\n' });

    await expect(loadRegistry(root)).rejects.toThrow('connectors/stone/index.ts is missing');
  });

  test('a twin of another system', async () => {
    const registry = await loadRegistry(
      treeWith({ 'connectors/paper/twin/index.ts': twin(`system: 'stone'`) }),
    );

    await expect(registry.twin('paper')).rejects.toThrow('must be "paper"');
  });
});
