import { money } from '../../kernel/money.ts';
import type { DriftWorld } from '../drift-world.ts';
import type { Detector, FindingDraft } from './detector.ts';
import { countedPools, ownerWords, poolFinding } from './pool-finding.ts';

/** Pools whose rights are used by `from` percent or more, and by less than `to`. */
function reached(world: DriftWorld, from: number, to: number): readonly FindingDraft[] {
  return countedPools(world).flatMap((each) => {
    const used = Number(each.position.line.rightsRequired);
    const percent = (used / Number(each.owned)) * 100;
    if (each.position.line.status === 'indeterminate' || percent < from || percent >= to) return [];
    const { trueUpCost, currency, shortfall } = each.position.line;
    const costs = trueUpCost !== null && currency !== null && shortfall !== '0';
    return poolFinding(each, {
      money: costs ? money(trueUpCost, currency) : null,
      summary: `${each.position.line.rightsRequired} of ${each.owned} rights of ${each.pool.skuCode} are used by ${ownerWords(each)} (${percent.toFixed(1)} %, told from ${from} %). Buy, take back what is idle, or accept it.`,
    });
  });
}

/** Rights that are nearly used up: from the soft limit, below the hard one. */
export const softLimitReached: Detector = {
  kind: 'soft_limit_reached',
  version: 1,
  severity: 'medium',
  detect(world) {
    const { softLimitPercent, hardLimitPercent } = world.snapshot.detection;
    return reached(world, softLimitPercent, hardLimitPercent);
  },
};

/** Rights that are used up, or more than that. */
export const hardLimitReached: Detector = {
  kind: 'hard_limit_reached',
  version: 1,
  severity: 'high',
  detect(world) {
    return reached(world, world.snapshot.detection.hardLimitPercent, Number.POSITIVE_INFINITY);
  },
};
