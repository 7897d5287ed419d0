import { parseArgs } from 'node:util';
import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import { startRig } from './rig.ts';
import { runKills } from './run-kills.ts';
import { tellKills } from './tell-kills.ts';

// `npm run kills -- --n 500 [--seed S] [--companies N] [--trace]`: real workers over real twins, killed at every named moment
// of a delivery and at random. Prints what was lost and what was doubled.

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    companies: { type: 'string', default: '12' },
    trace: { type: 'boolean', default: false },
  },
});
const [kills = 0, seed = 0, tenants = 0] = [values.n, values.seed, values.companies].map(Number);
if (![kills, seed, tenants].every((each) => Number.isInteger(each) && each > 0)) {
  console.error('--n, --seed and --companies are whole numbers above 0.');
  process.exit(2);
}

await globalSetup();
try {
  const rig = await startRig({ tenants, seed });
  try {
    const tell = values.trace ? { tell: console.log } : {};
    const { lines, ok } = tellKills(await runKills(rig, { kills, seed, ...tell }), seed);
    for (const line of lines) console.log(line);
    process.exitCode = ok ? 0 : 1;
  } finally {
    await rig.stop();
  }
} finally {
  await globalTeardown();
}
