import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { runMutant } from './run-mutant.ts';

// `npm run mutants [-- NAME…]`: tests the tests. Every mutant must turn the simulator, or a named test, red.

const SEEDS = 400;
const wanted = process.argv.slice(2);
const chosen = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) {
  console.error(
    `There is no such mutant. There are ${MUTANTS.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
let survived = 0;
await globalSetup();
try {
  for (const mutant of chosen) {
    const { killed, said } = await runMutant(mutant, SEEDS);
    const by = killedBy(mutant, said);
    console.log(
      killed ? `killed by ${by}: ${mutant.name}` : `SURVIVED: ${mutant.name} (${mutant.what})\n${said}`,
    );
    if (!killed) survived += 1;
  }
} finally {
  await globalTeardown();
} // prettier-ignore

/** The seed, or the test, that turned red. */
function killedBy({ symptom, killer }: Mutant, said: string): string {
  if (!('suite' in killer)) return `seed ${/seed (\d+) failed/.exec(said)?.[1]}`;
  const test = said.split('\n').find((line) => line.includes('✕') && symptom.test(line));
  return `"${test?.replace(/^.*✕ |\s*\(\d+ ms\)$/g, '')}" of ${killer.suite}`;
}

console.log(`${chosen.length - survived} killed, ${survived} survived`);
process.exitCode = survived === 0 ? 0 : 1;
