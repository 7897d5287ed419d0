import { replaysOf, type Replay } from '../../intake/replays.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { remapAll, type Remapped } from '../remap-records.ts';

/**
 * Maps landed records again with the mapping in effect, without a call to their system: all of them, those that it failed
 * on, or those of them with one cause. Of an outbound mapping, the documents that it writes are looked at again. Asked
 * again while the same is under way, that one is told. Throws NotFoundError, and a ValidationError for a cause without the
 * scope of one.
 */
export function replayMapping(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly scope: 'all' | 'failed' | 'cause';
    readonly cause?: string | undefined;
  },
): Promise<Remapped> {
  const { id: mappingId, scope, cause = null } = input;
  if ((scope === 'cause') !== (cause !== null))
    throw new ValidationError('A cause goes with the scope `cause`, and that scope with a cause.');
  return deps.store.withTenant(caller.tenantId, (tx) =>
    remapAll(deps, tx, { mappingId, scope, cause, actor: caller.actor }),
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
