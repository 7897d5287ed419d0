import type { KillsResult } from './run-kills.ts';

/** What a dead worker held is taken up again in this time, in seconds. */
const PROMISED_SECONDS = 30;

/** What is printed, and whether it is well: nothing lost, nothing doubled. */
export function tellKills(
  result: KillsResult,
  again: { readonly seed: number; readonly companies?: number; readonly worlds?: number },
): { readonly lines: readonly string[]; readonly ok: boolean } {
  const { kills, effects, lost, doubled, covered, moments, recoveries } = result;
  const p95 = p95Of(recoveries);
  const flags = Object.entries({ n: kills, ...again }).map(([name, value]) => `--${name} ${value}`);
  const lines = [
    ...lost.map((each) => `lost: ${each}`),
    ...doubled.map((each) => `doubled: ${each}`),
    `kills ${kills}, lost ${lost.length}, doubled ${doubled.length}`,
    `${effects} effects; moments met ${covered.length} of ${moments} (kill points × create, update, upsert, collection)`,
    `recovery after SIGKILL p95 ${p95 === undefined ? '-' : p95.toFixed(1)} s, of ${recoveries.length} (promised: < ${PROMISED_SECONDS} s)`,
    `again: npm run kills -- ${flags.join(' ')}`,
  ];
  return { lines, ok: lost.length === 0 && doubled.length === 0 && effects > 0 };
}

/** Whether recovery kept its promise; what nothing shows is not kept. A loaded machine can break it. */
export function isPrompt({ recoveries }: Pick<KillsResult, 'recoveries'>): boolean {
  return (p95Of(recoveries) ?? Number.POSITIVE_INFINITY) < PROMISED_SECONDS;
}

/** Of sorted seconds. */
const p95Of = (seconds: readonly number[]): number | undefined =>
  seconds[Math.ceil(seconds.length * 0.95) - 1];
