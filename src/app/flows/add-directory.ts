import { appendAudit } from '../../audit/audit-log.ts';
import { addConnection, saveChecks } from '../../intake/connections.ts';
import { liveDirectory, openDirectory, type Directory } from '../../intake/directory.ts';
import type { Caller } from '../../security/caller.ts';
import { createDirectoryToken, type DirectoryToken } from '../../security/directory-tokens.ts';
import { connectorOf } from '../connector-of.ts';
import type { Deps } from '../deps.ts';

/** The connector whose streams and mappings pushed users and groups have: the same as those that are read. */
const CONNECTOR = 'scim';

export interface NewDirectory {
  readonly name: string;
  readonly label: string;
  readonly expiresAt?: Date | undefined;
}

/** A directory that was just added, with the one token that it has. */
export interface AddedDirectory extends Directory {
  readonly token: DirectoryToken & { readonly text: string };
}

/**
 * Adds a directory that its identity provider pushes to `/scim/v2`, and a token for it, whose text is in this answer and
 * nowhere else. It is a connection like any other, so its streams, facts and mappings are those of a directory that is
 * read. Throws ValidationError on a bad name and StaleError on one that is taken.
 */
export function addDirectory(
  deps: Deps,
  caller: Caller,
  input: NewDirectory,
): Promise<AddedDirectory> {
  const { role } = connectorOf(deps.registry, CONNECTOR);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const draft = { id: input.name, connector: CONNECTOR, role, config: {} };
    const { id } = await addConnection(tx, { ...draft, allowPrivateNetwork: false, pushed: true });
    await openDirectory(tx, id);
    // There is nothing to sign in to, so it is well from the start.
    await saveChecks(tx, id, []);
    const { token, text } = await createDirectoryToken(tx, {
      directory: id,
      label: input.label,
      expiresAt: input.expiresAt,
      createdBy: caller.actor,
    });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'directory.added',
      subject: { type: 'connection', id },
      details: { token: token.id, expiresAt: token.expiresAt?.toISOString() ?? null },
    });
    return { ...(await liveDirectory(tx, id)), token: { ...token, text } };
  });
}
