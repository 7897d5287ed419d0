import { dailyUse } from '../daily-use.ts';
import { lastOutlier } from '../series.ts';
import type { Detector } from './detector.ts';
import { poolFinding } from './pool-finding.ts';

/** The same weekday of the weeks within the window, oldest first. */
function sameWeekday(values: readonly number[]): readonly number[] {
  return values.filter((_value, at) => (values.length - 1 - at) % 7 === 0);
}

/** The last full day of measured use stands out from the same weekday of the weeks before (domain e). */
export const usageSpike: Detector = {
  kind: 'usage_spike',
  version: 1,
  severity: 'high',
  detect(world) {
    const { asOf, detection } = world.snapshot;
    return world.pools.flatMap((pool) => {
      const position = world.lines.get(pool.id);
      const { readings, sessions } = pool.holdings;
      if (position === undefined || readings.length + sessions.length === 0) return [];
      const use = dailyUse(pool, [], asOf, detection.baselineDays - 1);
      const days = sameWeekday(use?.values ?? []);
      const found = lastOutlier(days, detection.spikeScore);
      if (use === null || found === null || !found.isOutlier) return [];
      const score = found.score === null ? '' : `, score ${found.score.toFixed(2)}`;
      return poolFinding(
        { pool, position },
        {
          summary: `Use of ${pool.skuCode} on ${use.last} was ${days.at(-1)}, where ${found.median} is usual on that weekday${score}. Look what happened before it repeats.`,
          more: readings.flatMap((each) => each.evidence).slice(0, 1),
        },
      );
    });
  },
};
