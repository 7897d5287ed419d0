import { startRig } from './rig.ts';
import { runKills, type KillsResult } from './run-kills.ts';

export interface Worlds {
  readonly kills: number;
  readonly seed: number;
  /** Companies of each world. */
  readonly companies: number;
  readonly worlds: number;
  /** No kill begins later than this, by `performance.now()`. */
  readonly until?: number;
  readonly tell?: (line: string) => void;
}

/**
 * Kills in worlds that live side by side, each with a store, vendors and companies of its own: most of a kill's time is a
 * process that starts or waits. World n has the seed after that of world n-1. Throws what the first world that failed threw.
 */
export async function killWorlds({
  kills,
  seed,
  companies,
  worlds,
  until = Infinity,
  tell,
}: Worlds): Promise<KillsResult> {
  const count = Math.min(worlds, kills);
  const results = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const share = Math.floor(kills / count) + (n < kills % count ? 1 : 0);
      const rig = await startRig({ tenants: companies, seed: seed + n });
      try {
        const own =
          tell === undefined ? {} : { tell: (line: string) => tell(`world ${n + 1}: ${line}`) };
        return await runKills(rig, { kills: share, seed: seed + n, until, ...own });
      } finally {
        await rig.stop();
      }
    }),
  );
  return together(results);
}

/** What all worlds are, told as one. */
export function together(results: readonly KillsResult[]): KillsResult {
  const sum = (of: (each: KillsResult) => number): number =>
    results.reduce((total, each) => total + of(each), 0);
  const named = (of: (each: KillsResult) => readonly string[]): readonly string[] =>
    results.flatMap((each, n) => of(each).map((name) => `world ${n + 1}: ${name}`));
  return {
    kills: sum((each) => each.kills),
    effects: sum((each) => each.effects),
    lost: named((each) => each.lost),
    doubled: named((each) => each.doubled),
    covered: [...new Set(results.flatMap(({ covered }) => covered))].toSorted(),
    moments: Math.max(0, ...results.map(({ moments }) => moments)),
    recoveries: results.flatMap(({ recoveries }) => recoveries).toSorted((a, b) => a - b),
  };
}
