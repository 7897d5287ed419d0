import { listFindings as list } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Findings of the company in the order of their ids; resolved ones only when asked for. */
export function listFindings(
  deps: Deps,
  caller: Caller,
  filter: Parameters<typeof list>[1],
): ReturnType<typeof list> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
