import { replaysOf, type Replay } from '../../intake/replays.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { remapAll, type StartedReplay } from '../remap-records.ts';

/**
 * Maps landed records again with the mapping in effect, without a call to their system: all of them, or those that it
 * failed on. Throws NotFoundError.
 */
export function replayMapping(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly scope: 'all' | 'failed' },
): Promise<readonly StartedReplay[]> {
  return deps.store.withTenant(caller.tenantId, (tx) =>
    remapAll(deps, tx, { mappingId: input.id, scope: input.scope, actor: caller.actor }),
  );
}

/** Replays of a mapping with how far they are, newest first. */
export function listReplays(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly before?: string | undefined; readonly limit: number },
): Promise<readonly Replay[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => replaysOf(tx, input.id, input));
}
