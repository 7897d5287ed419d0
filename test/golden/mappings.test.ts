import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import * as z from 'zod';
import { registerValidate } from '../../src/cli/mappings/validate.ts';
import type { Cli } from '../../src/cli/cli.ts';
import { createOutput } from '../../src/cli/output.ts';
import { readEnvironment } from '../../src/config/read-environment.ts';
import { makeCliHome, type CliHome } from '../support/cli.ts';

// The golden mappings: what is broken is refused where its head line says, what is good is not.

const HERE = join(import.meta.dirname, 'mappings');
const filesOf = (kind: string): readonly string[] =>
  readdirSync(join(HERE, kind)).filter((name) => /\.(yaml|json)$/.test(name));
const BROKEN = filesOf('broken');
const GOOD = filesOf('good');
const INVALID = 6;

/** What `--json` prints: these keys and no others. */
const Verdict = z.strictObject({
  ok: z.boolean(),
  problems: z.array(
    z.strictObject({
      row: z.string().nullable(),
      pointer: z.string().regex(/^(\/([^~/]|~[01])*)*$/),
      code: z.string().regex(/^[a-z]+(_[a-z]+)*$/),
      message: z.string().min(1),
      hint: z.string().min(1).nullable(),
    }),
  ),
});

interface Answer {
  readonly code: number;
  readonly out: string;
}

/** The command as the program registers it, in this process. */
async function validate(file: string, ...flags: readonly string[]): Promise<Answer> {
  const printed: string[] = [];
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      printed.push(String(chunk));
      done();
    },
  });
  const program = new Command('trueup').option('--json').exitOverride();
  const cli = {
    config: readEnvironment(),
    output: (command: Command) =>
      createOutput({ out, err: out }, command.optsWithGlobals()['json'] === true),
  } as unknown as Cli;
  registerValidate(program, cli);
  process.exitCode = 0;
  await program.parseAsync(['validate', file, ...flags], { from: 'user' });
  const code = Number(process.exitCode);
  process.exitCode = 0;
  return { code, out: printed.join('') };
}

afterEach(() => {
  process.exitCode = 0;
});

const pathOf = (kind: string, name: string): string => join(HERE, kind, name);

/** `# refused: unknown_key /feilds` at the head of a broken file. */
function expectedOf(name: string): { readonly code: string; readonly pointer: string } {
  const [, code = '', pointer = ''] =
    /^# refused: (\S+) (.+)$/m.exec(readFileSync(pathOf('broken', name), 'utf8')) ?? [];
  return { code, pointer: pointer === '(the whole file)' ? '' : pointer };
}

describe('the broken mappings', () => {
  test('are sixty at least, and the good ones thirty', () => {
    expect(BROKEN.length).toBeGreaterThanOrEqual(60);
    expect(GOOD.length).toBeGreaterThanOrEqual(30);
  });

  test.each(BROKEN)('%s is refused where it is wrong', async (name) => {
    const { code, out } = await validate(pathOf('broken', name), '--json');

    const verdict = Verdict.parse(JSON.parse(out));
    expect(code).toBe(INVALID);
    expect(verdict.ok).toBe(false);
    expect(verdict.problems).toContainEqual(expect.objectContaining(expectedOf(name)));
    for (const { row, pointer } of verdict.problems)
      expect(row).toBe(/^\/fields\/([^/]+)/.exec(pointer)?.[1] ?? null);
  });
});

describe('the good mappings', () => {
  test.each(GOOD)('%s is not refused', async (name) => {
    const { code, out } = await validate(pathOf('good', name), '--json');

    expect([code, JSON.parse(out)]).toEqual([0, { ok: true, problems: [] }]);
  });
});

describe('the how-to', () => {
  const guide = readFileSync(
    join(import.meta.dirname, '../../docs/how-to/write-a-mapping.md'),
    'utf8',
  );
  const examples = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);

  test.each(examples.map((text, at) => [at, text] as const))(
    'shows mappings that fit: example %d',
    async (at, text) => {
      const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
      await writeFile(join(folder, `${at}.yaml`), text);

      const { out } = await validate(join(folder, `${at}.yaml`), '--json');

      expect(JSON.parse(out)).toEqual({ ok: true, problems: [] });
      await rm(folder, { recursive: true });
    },
  );
});

describe('the program itself', () => {
  let home: CliHome;
  beforeAll(async () => {
    home = await makeCliHome();
  });
  afterAll(() => home.stop());
  const spawned = (path: string, ...flags: readonly string[]) =>
    home.run(['mappings', 'validate', path, ...flags]);

  test.each(['double-key.yaml', 'expr-matches.yaml', 'extends-itself.yaml', 'alias-bomb.yaml'])(
    'ends with 6 and one JSON document for %s, without a server',
    async (name) => {
      const { code, out } = await spawned(pathOf('broken', name), '--json');

      const verdict = Verdict.parse(JSON.parse(out));
      expect(code).toBe(INVALID);
      expect(verdict.problems).toContainEqual(expect.objectContaining(expectedOf(name)));
      expect(readdirSync(home.folder)).toEqual([]);
    },
  );

  test.each(['least.yaml', 'as-json.json'])('ends with 0 for %s', async (name) => {
    const { code, out } = await spawned(pathOf('good', name), '--json');

    expect([code, JSON.parse(out)]).toEqual([0, { ok: true, problems: [] }]);
  });

  test('says in words where to look, and ends with 4 for a file that is not there', async () => {
    const broken = await spawned(pathOf('broken', 'path-from-nowhere.yaml'));
    const absent = await spawned(pathOf('broken', 'no-such-file.yaml'));

    expect(broken.out).toContain('path-from-nowhere.yaml:10: /fields/publisherName/from:');
    expect(broken.out).toContain('Did you mean "src"?');
    expect(absent.code).toBe(4);
  });

  test('says of a sample that is not there that it is not there', async () => {
    const { out } = await validate(pathOf('broken', 'test-sample-missing.yaml'));

    expect(out).toContain('no-such-sample.json" is not there');
  });

  test('ten thousand rows, in each of three spellings, are refused whole, with one problem', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
    const head =
      'id: a.b\nversion: 1\nsource: { connection: a, object: b }\ntarget: { object: sku }\n';
    const rows = Array.from({ length: 10_000 }, (_, at) => `f${at}: { value: 1 }`);
    const bombs = [
      `${head}fields:\n${rows.map((row) => `  ${row}`).join('\n')}\n`,
      `${head}fields: { ${rows.join(', ')} }\n`,
      `${head}fields: {}\ntests:\n${rows.map((row) => `  - { name: x, given: { ${row} }, expect: skipped }`).join('\n')}\n`,
    ];
    for (const [at, bomb] of bombs.entries()) {
      const path = join(folder, `bomb-${at}.yaml`);
      await writeFile(path, bomb);

      const { code, out } = await validate(path, '--json');

      const verdict = Verdict.parse(JSON.parse(out));
      expect(code).toBe(INVALID);
      expect(verdict.problems.map(({ pointer }) => pointer)).toEqual([
        ['/fields', '/fields', ''][at],
      ]);
    }
    await rm(folder, { recursive: true });
  });
});
