import { versionsOf, type MappingVersion } from '../../mapping/versions.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What is and was in effect under an id, newest first. Throws NotFoundError for an id that nobody knows. */
export function listMappingVersions(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<readonly MappingVersion[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const versions = await versionsOf(tx, deps.mappings, id);
    if (versions.length > 0) return versions;
    throw new NotFoundError(`Nothing was ever published under "${id}".`);
  });
}
