import { listObserved as list, type ObservedEffect } from '../../delivery/observed-effects.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What runs would have written where the mode is observe or propose; what is worth most first. */
export function listObserved(
  deps: Deps,
  caller: Caller,
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly ObservedEffect[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, page));
}
