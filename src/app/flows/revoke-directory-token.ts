import { appendAudit } from '../../audit/audit-log.ts';
import { liveDirectory } from '../../intake/directory.ts';
import type { Caller } from '../../security/caller.ts';
import {
  revokeDirectoryToken as revoke,
  type DirectoryToken,
} from '../../security/directory-tokens.ts';
import type { Deps } from '../deps.ts';

/** Revokes a token of a directory at once. Throws NotFoundError. */
export function revokeDirectoryToken(
  deps: Deps,
  caller: Caller,
  input: { readonly directory: string; readonly token: string },
): Promise<DirectoryToken> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id } = await liveDirectory(tx, input.directory);
    const token = await revoke(tx, id, input.token);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'directory_token.revoked',
      subject: { type: 'connection', id },
      details: { token: token.id },
    });
    return token;
  });
}
