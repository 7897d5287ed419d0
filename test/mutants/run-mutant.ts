import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import { mutated } from './mutated.ts';
import type { Mutant } from './mutant.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const HOOK = join(import.meta.dirname, 'apply-mutant.ts');
const JEST = resolve(ROOT, 'node_modules/jest/bin/jest.js');
const SIMULATOR = resolve(import.meta.dirname, '../sim/sim.ts');

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
    ? [
        '--experimental-vm-modules',
        JEST,
        '--runTestsByPath',
        '--colors=false',
        '--verbose',
        `--testNamePattern=${mutant.symptom.source}`,
        killer.suite,
      ]
    : [
        '--import',
        HOOK,
        SIMULATOR,
        '--bail',
        '--shards',
        '2',
        '--seeds',
        String(seeds),
        '--part',
        'reading',
        '--vendor',
        killer.vendor,
      ];
  const home = process.env['TRUEUP_TEST_HOME'];
  // The simulator has a store of its own; a suite takes a database in that of this run.
  const around = isSuite && home !== undefined ? { TRUEUP_TEST_HOME_OF_RUN: home } : {};
  const { code, said } = await run(['--disable-warning=ExperimentalWarning', ...args], {
    TRUEUP_TEST_MUTANT: mutant.name,
    ...around,
  });
  const red = isSuite
    ? said.split('\n').some((line) => line.includes('✕') && mutant.symptom.test(line))
    : /seed \d+ failed/.test(said) && mutant.symptom.test(said);
  return { killed: code === 1 && red, said };
}

async function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, args, {
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
