import { listHolds, type PeopleHold } from '../../intake/people-holds.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Mass deactivations that wait for a person, or waited, newest first. */
export function listPeopleHolds(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly status?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly PeopleHold[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => listHolds(tx, filter));
}
