import { addDays } from '../../kernel/dates.ts';
import { seatsOn } from '../daily-use.ts';
import type { Detector } from './detector.ts';
import { countedPools, heldOn, ownerWords, poolFinding, worthOf } from './pool-finding.ts';

/** Seats that changed within the baseline by more than a share of the rights owned, or by more than a number (domain e). */
export const seatDrift: Detector = {
  kind: 'seat_drift',
  version: 1,
  severity: 'medium',
  detect(world) {
    const { asOf, detection } = world.snapshot;
    const baseline = addDays(asOf, -detection.baselineDays);
    return countedPools(world).flatMap((each) => {
      const seats = world.seatsEver(each.pool);
      const [before, now] = [seatsOn(seats, baseline), seatsOn(seats, asOf)];
      if (before === null || now === null || !heldOn(each.pool, baseline)) return [];
      const change = now - before;
      const share = (Math.abs(change) / Number(each.owned)) * 100;
      if (Math.abs(change) <= detection.seatDriftSeats && share <= detection.seatDriftPercent)
        return [];
      const words = `${Math.abs(change) === 1 ? 'seat' : 'seats'} of ${each.pool.skuCode} ${change > 0 ? 'more' : 'fewer'}`;
      return poolFinding(each, {
        money: worthOf(each, String(Math.abs(change))),
        summary: `${Math.abs(change)} ${words} than on ${baseline} (${before} then, ${now} now, ${each.owned} owned by ${ownerWords(each)}). Look who gave or took them.`,
      });
    });
  },
};
