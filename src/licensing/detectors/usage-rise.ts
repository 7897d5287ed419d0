import { dailyUse } from '../daily-use.ts';
import { slowRise } from '../series.ts';
import type { Detector } from './detector.ts';
import { poolFinding } from './pool-finding.ts';

/** Measured use that creeps up, no day of which stands out: a one-sided CUSUM over the window (domain e). */
export const usageRise: Detector = {
  kind: 'usage_rise',
  version: 2,
  severity: 'medium',
  detect(world) {
    const { asOf, detection } = world.snapshot;
    return world.pools.flatMap((pool) => {
      const position = world.lines.get(pool.id);
      const { readings, sessions } = pool.holdings;
      if (position === undefined || readings.length + sessions.length === 0) return [];
      const use = dailyUse(pool, [], asOf, detection.baselineDays - 1);
      const sum = use === null ? null : slowRise(use.values, detection.riseAllowance);
      if (sum === null || sum <= detection.riseDeviations) return [];
      return poolFinding(
        { pool, position },
        {
          summary: `Use of ${pool.skuCode} has risen slowly over ${detection.baselineDays} days: ${sum.toFixed(1)} standard deviations in sum. Plan for more rights, or look what grows.`,
          more: readings.flatMap((each) => each.evidence).slice(0, 1),
        },
      );
    });
  },
};
