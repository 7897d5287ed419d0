import { appendAudit } from '../../audit/audit-log.ts';
import { liveDirectory } from '../../intake/directory.ts';
import type { Caller } from '../../security/caller.ts';
import {
  createDirectoryToken,
  endDirectoryTokens,
  type DirectoryToken,
} from '../../security/directory-tokens.ts';
import type { Deps } from '../deps.ts';

export interface TokenRotation {
  readonly directory: string;
  readonly label: string;
  readonly expiresAt?: Date | undefined;
  /** How long the tokens that there are still work; absent: they are left as they are. */
  readonly endOthersAfterSeconds?: number | undefined;
}

/**
 * Makes another token for a directory and, where asked, ends those before it, at once or after a while in which the
 * provider is given the new one. Its text is in this answer and nowhere else. Throws NotFoundError, ValidationError.
 */
export function rotateDirectoryToken(
  deps: Deps,
  caller: Caller,
  input: TokenRotation,
): Promise<DirectoryToken & { readonly text: string }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id } = await liveDirectory(tx, input.directory);
    const { token, text } = await createDirectoryToken(tx, {
      directory: id,
      label: input.label,
      expiresAt: input.expiresAt,
      createdBy: caller.actor,
    });
    const ended =
      input.endOthersAfterSeconds === undefined
        ? 0
        : await endDirectoryTokens(tx, id, {
            butNot: token.id,
            afterSeconds: input.endOthersAfterSeconds,
          });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'directory_token.created',
      subject: { type: 'connection', id },
      details: { token: token.id, expiresAt: token.expiresAt?.toISOString() ?? null, ended },
    });
    return { ...token, text };
  });
}
