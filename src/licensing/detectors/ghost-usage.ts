import { byAccount } from '../../ledger/identity/identities.ts';
import type { DriftWorld } from '../drift-world.ts';
import type { Pool } from '../pools.ts';
import { groupBy } from '../sort.ts';
import type { Detector } from './detector.ts';

/** Metrics whose rights are given to a named user: without a seat or an allocation nobody may draw on them. */
const ASSIGNED: ReadonlySet<string> = new Set(['user_subscription', 'named_user']);

/** True where a right in force covers use without anybody having been named. */
function coversUnnamed(pool: Pool): boolean {
  const gives = pool.entitlements.some(
    (each) => each.unlimited || each.owned !== '0' || each.grace !== '0',
  );
  return gives && !ASSIGNED.has(pool.entry?.metricCode ?? '');
}

function ghostsOf(pool: Pool, world: DriftWorld) {
  const users = groupBy(pool.claims, ({ subjectId }) => subjectId);
  const reserved = new Set(pool.reservations.map(({ subjectId }) => subjectId));
  return [...users].flatMap(([subjectId, claims]) => {
    const seated = claims.some(({ record }) => record.noun === 'seatAssignment');
    const used = claims.flatMap(({ record }) =>
      record.noun === 'usageObservation' &&
      record.body.kind !== 'assigned' &&
      record.body.kind !== 'installed'
        ? [record]
        : [],
    );
    const [first] = used.toSorted((left, right) => (left.factId < right.factId ? -1 : 1));
    if (seated || reserved.has(subjectId) || first === undefined) return [];
    return {
      subject: { type: 'UserAccount', id: first.body.subjectRef },
      connection: first.connection,
      sku: pool.skuCode,
      money: world.seatPrices.get(pool.skuCode) ?? null,
      evidence: [
        ...used.map(({ factId }) => factId),
        ...(world.persons.get(byAccount(first.connection, first.body.subjectRef))?.evidence ?? []),
      ],
      owner: 'it' as const,
      summary: `Login ${first.body.subjectRef} uses ${pool.skuCode}, holds no seat of it, and no right in force covers use without one. Give a seat, or end the access.`,
    };
  });
}

/** Use by a login of our own without a seat, an allocation, or a right that covers use by anybody (domain e). */
export const ghostUsage: Detector = {
  kind: 'ghost_usage',
  version: 1,
  severity: 'high',
  detect(world) {
    return world.pools
      .filter((pool) => pool.posture === 'licensee' && !coversUnnamed(pool))
      .flatMap((pool) => ghostsOf(pool, world));
  },
};
