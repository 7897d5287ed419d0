import { liveConnection } from '../../intake/connections.ts';
import { listPauses, type MappingPause } from '../../mapping/paused-mappings.ts';
import { listChanges, type SeenChange } from '../../mapping/known-schemas.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What changed in the objects of a connection, newest first, and which mappings wait because of it. Throws NotFoundError. */
export function showSchema(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  input: {
    readonly connection: string;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<{ readonly changes: readonly SeenChange[]; readonly paused: readonly MappingPause[] }> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    await liveConnection(tx, input.connection);
    return {
      changes: await listChanges(tx, input.connection, input),
      paused: await listPauses(tx, input.connection),
    };
  });
}
