import { parseArgs } from 'node:util';
import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { runControl, runMutant } from './run-mutant.ts';

// `npm run mutants [-- NAME… --lanes N]`: tests the tests. Every mutant must turn the simulator, or a named test, red.

const SEEDS = 400;
const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { lanes: { type: 'string', default: '2' } },
});
const lanes = Number(values.lanes);
const chosen = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const unknown = wanted.filter((name) => !MUTANTS.some((each) => each.name === name));
if (unknown.length > 0 || !Number.isInteger(lanes) || lanes < 1) {
  console.error(
    unknown.length > 0
      ? `There is no mutant ${unknown.join(', ')}. There are ${MUTANTS.map(({ name }) => name).join(', ')}.`
      : '--lanes is how many run side by side, 1 or more.',
  );
  process.exit(2);
}
let survived = 0;
await globalSetup();
try {
  const wrong = await runControl(chosen);
  if (wrong !== null) {
    console.error(`The suites are red without any mutant, so they prove nothing:\n${wrong}`);
    process.exitCode = 1;
  } else await inLanes();
} finally {
  await globalTeardown();
}

async function inLanes(): Promise<void> {
  const waiting = [...chosen];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await tryOut(next);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  console.log(`${chosen.length - survived} killed, ${survived} survived`);
  process.exitCode = survived === 0 ? 0 : 1;
}

async function tryOut(mutant: Mutant): Promise<void> {
  const { killed, said } = await runMutant(mutant, SEEDS);
  if (!killed) survived += 1;
  console.log(
    killed
      ? `killed by ${killedBy(mutant, said)}: ${mutant.name}`
      : `SURVIVED: ${mutant.name} (${mutant.what})\n${said}`,
  );
}

/** The seed, or the test, that turned red. */
function killedBy({ symptom, killer }: Mutant, said: string): string {
  if (!('suite' in killer)) return `seed ${/seed (\d+) failed/.exec(said)?.[1]}`;
  const test = said.split('\n').find((line) => line.includes('✕') && symptom.test(line));
  return `"${test?.replace(/^.*✕ |\s*\(\d+ ms\)$/g, '')}" of ${killer.suite}`;
}
