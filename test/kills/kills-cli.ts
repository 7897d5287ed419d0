import { parseArgs } from 'node:util';
import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import { killWorlds } from './kill-worlds.ts';
import { isPrompt, tellKills } from './tell-kills.ts';

// `npm run kills -- --n 500 [--seed S] [--companies N] [--worlds N] [--minutes M] [--trace]`: real workers over real twins, killed at every
// named moment of a delivery and at random. Prints what was lost and what was doubled.

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    companies: { type: 'string', default: '12' },
    worlds: { type: 'string', default: '3' },
    /** Ends with as many as fit into this time. */
    minutes: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
const [kills = 0, seed = 0, companies = 0, worlds = 0] = [
  values.n,
  values.seed,
  values.companies,
  values.worlds,
].map(Number);
if (![kills, seed, companies, worlds].every((each) => Number.isInteger(each) && each > 0)) {
  console.error('--n, --seed, --companies and --worlds are whole numbers above 0.');
  process.exit(2);
}
const minutes = Number(values.minutes ?? Infinity);
if (!(minutes > 0)) {
  console.error('--minutes is a number above 0.');
  process.exit(2);
}

await globalSetup();
try {
  const tell = values.trace ? { tell: console.log } : {};
  const result = await killWorlds({
    kills,
    seed,
    companies,
    worlds,
    until: minutes * 60_000,
    ...tell,
  });
  const { lines, ok } = tellKills(result, { seed, companies, worlds });
  for (const line of lines) console.log(line);
  if (result.kills < kills) console.log(`of ${kills} that were asked for: the time was over`);
  process.exitCode = ok && isPrompt(result) ? 0 : 1;
} finally {
  await globalTeardown();
}
