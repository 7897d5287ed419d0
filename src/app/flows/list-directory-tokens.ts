import { liveDirectory } from '../../intake/directory.ts';
import type { Caller } from '../../security/caller.ts';
import {
  listDirectoryTokens as list,
  type DirectoryToken,
} from '../../security/directory-tokens.ts';
import type { Deps } from '../deps.ts';

/** The tokens of a directory, without their secrets. Throws NotFoundError. */
export function listDirectoryTokens(
  deps: Deps,
  caller: Caller,
  directory: string,
): Promise<readonly DirectoryToken[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { id } = await liveDirectory(tx, directory);
    return await list(tx, id);
  });
}
