import { buildCatalogue } from './catalogue.ts';
import { isEmpty } from './holdings.ts';
import type { Pool } from './pools.ts';
import type { Snapshot } from './snapshot.ts';

/** Whether use of a pool is reported: by this owner, by others only, or by nobody. */
export type Silence = 'speaks' | 'owner_silent' | 'nobody_reports';

/**
 * Says for a pool whether anybody would have told us of its use. Silence is no use only where a source speaks:
 * a part number that no source ever reports is unknown, not unused (domain e, "telemetry gap").
 */
export function silenceOf(snapshot: Snapshot): (pool: Pool) => Silence {
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, snapshot.asOf);
  const reported = new Set<string>();
  for (const { connection, body } of [
    ...snapshot.seats,
    ...snapshot.usage,
    ...snapshot.checkouts,
    ...snapshot.instances,
  ]) {
    reported.add(`${body.posture} ${catalogue.resolve(connection, body.skuCode ?? 'unknown')}`);
  }
  return (pool) => {
    if (pool.claims.length > 0 || !isEmpty(pool.holdings)) return 'speaks';
    return reported.has(`${pool.posture} ${pool.skuCode}`) ? 'owner_silent' : 'nobody_reports';
  };
}
