import type { KillsResult } from './run-kills.ts';

/** What is printed, and whether it is well: nothing lost, nothing doubled. */
export function tellKills(
  result: KillsResult,
  seed: number,
): { readonly lines: readonly string[]; readonly ok: boolean } {
  const { kills, effects, lost, doubled, covered, moments, recoveries } = result;
  const p95 = recoveries[Math.ceil(recoveries.length * 0.95) - 1];
  const lines = [
    ...lost.map((each) => `lost: ${each}`),
    ...doubled.map((each) => `doubled: ${each}`),
    `kills ${kills}, lost ${lost.length}, doubled ${doubled.length}`,
    `${effects} effects; moments met ${covered.length} of ${moments} (kill points × create, update, upsert, collection)`,
    `work taken up again after p95 ${p95 === undefined ? '-' : p95.toFixed(1)} s, of ${recoveries.length}`,
    `again: npm run kills -- --n ${kills} --seed ${seed}`,
  ];
  return { lines, ok: lost.length === 0 && doubled.length === 0 && effects > 0 };
}
