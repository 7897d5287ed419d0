import { listSchedules as list, type Schedule } from '../../queue/schedules.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What comes by the clock, and when next. */
export function listSchedules(deps: Deps, caller: Caller): Promise<readonly Schedule[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx));
}
