import { listUnattributed as list, type Unattributed } from '../../intake/usage/unattributed.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Use that counts for nobody, with whoever looks after it. `owner` is a person's id. */
export function listUnattributed(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  filter: {
    readonly owner?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Unattributed[]> {
  const owner = filter.owner === undefined ? undefined : `person:${filter.owner}`;
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, { ...filter, owner }));
}
