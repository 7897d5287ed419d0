import type { MetricDenial } from '../../sdk/define-metric.ts';
import type { Detector } from './detector.ts';
import { poolFinding } from './pool-finding.ts';

/** Denials for want of licences; the same user asking again for the same feature within `seconds` is one denial. */
function denied(denials: readonly MetricDenial[], seconds: number): readonly MetricDenial[] {
  const lastAsked = new Map<string, number>();
  return denials
    .filter((each) => each.isCapacity)
    .toSorted((left, right) => left.at - right.at)
    .filter((each) => {
      const key = JSON.stringify([each.userId, each.feature]);
      const before = lastAsked.get(key);
      lastAsked.set(key, each.at);
      return each.userId === null || before === undefined || each.at - before >= seconds * 1_000;
    });
}

/** A licence server that refuses more than a share of what it is asked for (domain e): too few rights, no breach. */
export const denialRate: Detector = {
  kind: 'denial_rate',
  version: 1,
  severity: 'medium',
  detect(world) {
    const { window, detection } = world.snapshot;
    return world.pools.flatMap((pool) => {
      const position = world.lines.get(pool.id);
      const within = ({ at }: MetricDenial): boolean => at >= window.from && at < window.to;
      const refused = denied(pool.holdings.denials.filter(within), detection.denialRetrySeconds);
      const given = pool.holdings.sessions.filter(
        ({ from }) => from >= window.from && from < window.to,
      ).length;
      const percent = (refused.length / Math.max(1, refused.length + given)) * 100;
      if (position === undefined || percent <= detection.denialPercent) return [];
      return poolFinding(
        { pool, position },
        {
          summary: `${refused.length} of ${refused.length + given} requests for ${pool.skuCode} were denied for want of licences (${percent.toFixed(1)} %). Buy rights, or free those that are held idle.`,
          more: refused.flatMap((each) => each.evidence),
        },
      );
    });
  },
};
