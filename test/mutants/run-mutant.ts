import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import { mutated } from './mutated.ts';
import type { Mutant } from './mutant.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const HOOK = join(import.meta.dirname, 'apply-mutant.ts');
const JEST = resolve(ROOT, 'node_modules/jest/bin/jest.js');
const SIMULATOR = resolve(import.meta.dirname, '../sim/sim.ts');

/** A loaded machine is no reason to turn red. */
const PATIENCE_MS = 300_000;
/** What jest says of a test, or of what comes before it, that was given up: it noticed nothing. */
const GIVEN_UP = 'Exceeded timeout of';

export interface Verdict {
  /** The simulator or the suite turned red, and for the reason that this mutant has. */
  readonly killed: boolean;
  /** What it said last. */
  readonly said: string;
}

/** Throws when an edit does not apply any more. */
export async function requireApplicable({ edits }: Mutant): Promise<void> {
  for (const [file, each] of Map.groupBy(edits, (edit) => edit.file))
    mutated(await readFile(join(ROOT, file), 'utf8'), each);
}

/** Runs what must notice the mutant, with it in the sources: up to so many seeds of the simulator, or the suite. */
export async function runMutant(mutant: Mutant, seeds: number): Promise<Verdict> {
  await requireApplicable(mutant);
  const { killer } = mutant;
  const isSuite = 'suite' in killer;
  const args = isSuite
    ? suiteArguments([killer.suite], [`--testNamePattern=${mutant.symptom.source}`])
    : [
        '--import',
        HOOK,
        SIMULATOR,
        '--bail',
        '--shards',
        '2',
        '--seeds',
        String(seeds),
        '--first',
        String(killer.from),
        '--part',
        'reading',
        '--vendor',
        killer.vendor,
      ];
  // The simulator has a store of its own; a suite takes a database in that of this run.
  const { code, said } = await run(args, {
    TRUEUP_TEST_MUTANT: mutant.name,
    ...(isSuite ? storeOfRun() : {}),
  });
  return { killed: isKill(mutant, { code, said }), said };
}

/** Whether it turned red, and for the reason that the mutant has. */
export function isKill(
  { killer, symptom }: Mutant,
  { code, said }: { readonly code: number | null; readonly said: string },
): boolean {
  if (code !== 1) return false;
  if (!('suite' in killer)) return /seed \d+ failed/.test(said) && symptom.test(said);
  const isRed = said.split('\n').some((line) => line.includes('✕') && symptom.test(line));
  return isRed && !said.includes(GIVEN_UP);
}

/** The suites that notice mutants, with no mistake in the sources. Null: they are green, so what turns red then shows it. */
export async function runControl(mutants: readonly Mutant[]): Promise<string | null> {
  const suites = new Set(mutants.flatMap(({ killer }) => ('suite' in killer ? killer.suite : [])));
  if (suites.size === 0) return null;
  const { code, said } = await run(suiteArguments([...suites]), storeOfRun());
  return code === 0 ? null : said;
}

function suiteArguments(suites: readonly string[], more: readonly string[] = []): string[] {
  return [
    '--experimental-vm-modules',
    JEST,
    '--runTestsByPath',
    '--colors=false',
    '--verbose',
    `--testTimeout=${PATIENCE_MS}`,
    ...more,
    ...suites,
  ];
}

function storeOfRun(): Readonly<Record<string, string>> {
  const home = process.env['TRUEUP_TEST_HOME'];
  return home === undefined ? {} : { TRUEUP_TEST_HOME_OF_RUN: home };
}

async function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  return { code, said: said.join('') };
} // prettier-ignore
