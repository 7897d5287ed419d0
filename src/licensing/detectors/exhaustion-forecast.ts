import { addDays } from '../../kernel/dates.ts';
import { dailyUse } from '../daily-use.ts';
import { daysLeft } from '../series.ts';
import type { Detector } from './detector.ts';
import { countedPools, heldOn, ownerWords, poolFinding } from './pool-finding.ts';

/** Rights that run out soon at the rise of the window: what is left, by its least squares slope (domain e). */
export const exhaustionForecast: Detector = {
  kind: 'exhaustion_forecast',
  version: 1,
  severity: 'high',
  detect(world) {
    const { asOf, detection } = world.snapshot;
    return countedPools(world).flatMap((each) => {
      const { surplus } = each.position.line;
      const began = addDays(asOf, -detection.baselineDays);
      if (surplus === null || Number(surplus) <= 0 || !heldOn(each.pool, began)) return [];
      const seats = world.seatsEver(each.pool);
      const use = dailyUse(each.pool, seats, asOf, detection.baselineDays - 1);
      const days = use === null ? null : daysLeft(Number(surplus), use.values);
      if (days === null || days >= detection.exhaustionDays) return [];
      return poolFinding(each, {
        summary: `The ${surplus} rights of ${each.pool.skuCode} that ${ownerWords(each)} have left run out in ${days.toFixed(1)} days at the present rise. Buy in time, or take back what is idle.`,
      });
    });
  },
};
