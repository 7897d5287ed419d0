import { appendAudit } from '../../audit/audit-log.ts';
import { getConnection } from '../../intake/connections.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import {
  authenticateDirectory,
  tenantOfToken,
  type DirectoryCaller,
} from '../../security/directory-tokens.ts';
import type { Deps } from '../deps.ts';
import { requireOpen } from '../require-open.ts';

const ACTOR = 'system:scim';

/**
 * Whose push it is, by its bearer token. Throws UnauthenticatedError for a token that is unknown, expired or revoked, or
 * whose directory was removed, and StoreUnavailable for a paused one, so that the provider sends it again.
 */
export async function admitPush(deps: Deps, token: string): Promise<DirectoryCaller> {
  const caller = await authenticateDirectory(deps.store, token);
  const { status } = await deps.store.readTenant(caller.tenantId, (tx) =>
    getConnection(tx, caller.connection),
  );
  requireOpen(status);
  return caller;
}

/** Keeps in the audit that a push was refused. Callers limit how often: whoever sends rubbish must not fill the audit. */
export async function auditRefusedPush(
  deps: Deps,
  input: { readonly token: string; readonly remote: string },
): Promise<void> {
  const tenantId = tenantOfToken(input.token);
  if (tenantId === null) return;
  const entry = {
    actor: ACTOR,
    action: 'scim.refused',
    subject: { type: 'tenant', id: tenantId },
    details: { remote: input.remote },
  };
  await deps.store
    .withTenant(tenantId, (tx) => appendAudit(tx, entry))
    .catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
}
