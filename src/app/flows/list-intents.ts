import { listIntents as list, type Intent } from '../../delivery/intents.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Intents of the company, newest first. */
export function listIntents(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly state?: string | undefined;
    readonly planId?: string | undefined;
    readonly object?: string | undefined;
    readonly limit: number;
    readonly offset?: number;
  },
): Promise<readonly Intent[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
