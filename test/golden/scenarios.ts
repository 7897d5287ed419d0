import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseScenario } from '../../src/app/flows/evaluate-scenario.ts';
import type { Scenario } from '../../src/licensing/scenario/scenario.ts';

const FOLDER = join(import.meta.dirname, 'scenarios');

/** Every golden scenario, by its id. */
export async function goldenScenarios(): Promise<readonly Scenario[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).toSorted();
  return Promise.all(
    files.map(async (name) => parseScenario(await readFile(join(FOLDER, name), 'utf8'))),
  );
}

const EXAMPLES = join(import.meta.dirname, '../../docs/scenarios');

/** The worked examples of the documentation. */
export async function workedExamples(): Promise<readonly Scenario[]> {
  const files = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.json')).toSorted();
  return Promise.all(
    files.map(async (name) => parseScenario(await readFile(join(EXAMPLES, name), 'utf8'))),
  );
}
