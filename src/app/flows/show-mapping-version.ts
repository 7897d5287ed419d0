import { versionOf, type MappingVersion } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One version of a mapping. Throws NotFoundError. */
export function showMappingVersion(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly version: number },
): Promise<MappingVersion> {
  return deps.store.readTenant(caller.tenantId, (tx) =>
    versionOf(tx, deps.mappings, input.id, input.version),
  );
}
