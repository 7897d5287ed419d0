import { shadowMapping } from '../../src/app/flows/shadow-mapping.ts';
import type { BenchRow } from './measure.ts';
import { medianOf, shadowWorld } from './shadow-world.ts';

const RECORDS = 10_000;
const GOAL_MS = 2_000;

/** Milliseconds of a shadow run over 10,000 landed records, differences kept: at most 2 s. */
export async function bench(): Promise<BenchRow> {
  const world = await shadowWorld(RECORDS);
  try {
    const input = { id: world.mapping, text: world.draft, records: RECORDS };
    let longestStall = 0;
    const ours = await medianOf(5, async () => {
      let last = performance.now();
      const watch = setInterval(() => {
        longestStall = Math.max(longestStall, performance.now() - last - 5);
        last = performance.now();
      }, 5);
      const run = await shadowMapping(world.deps, world.caller, input);
      clearInterval(watch);
      const { counts, lookedAt } = run;
      if (lookedAt !== RECORDS || counts.update === 0 || counts.unchanged === 0)
        throw new Error(JSON.stringify(run));
    });
    const details = { longestStallMs: Math.round(longestStall) };
    return { name: 'shadow', ours, floor: GOAL_MS, unit: 'ms', better: 'less', goal: 1, details };
  } finally {
    await world.close();
  }
}
