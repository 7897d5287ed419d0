import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import { mutated } from './mutated.ts';
import type { Mutant } from './mutants.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const HOOK = join(import.meta.dirname, 'apply-mutant.ts');
const SIMULATOR = resolve(import.meta.dirname, '../sim/sim.ts');

export interface Verdict {
  /** The simulator turned red, and for the reason that this mutant has. */
  readonly killed: boolean;
  /** What it said last. */
  readonly said: string;
}

/** Throws when an edit does not apply any more. */
export async function requireApplicable({ edits }: Mutant): Promise<void> {
  for (const [file, each] of Map.groupBy(edits, (edit) => edit.file))
    mutated(await readFile(join(ROOT, file), 'utf8'), each);
}

/** Lets the simulator live through seeds with the mutant in its sources, until one of them turns red. */
export async function runMutant(mutant: Mutant, seeds: number): Promise<Verdict> {
  await requireApplicable(mutant);
  const args = [
    '--disable-warning=ExperimentalWarning','--import', HOOK, SIMULATOR, '--bail',
    '--shards',
    '2', '--seeds', String(seeds), '--vendor', mutant.vendor];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TRUEUP_TEST_MUTANT: mutant.name },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  const text = said.join('');
  return { killed: code === 1 && /seed \d+ failed/.test(text) && mutant.symptom.test(text), said: text };
} // prettier-ignore
