import { liveConnection, saveChecks } from '../../intake/connections.ts';
import { AuthExpired } from '../../kernel/errors.ts';
import type { ConnectionCheck } from '../../sdk/define-connector.ts';
import type { Caller } from '../../security/caller.ts';
import { openSecrets } from '../../security/secrets.ts';
import { connectionView, type ConnectionView } from '../connection-view.ts';
import type { Deps } from '../deps.ts';
import { tryStored } from '../try-connection.ts';
import { wakeDelivery } from '../wake-delivery.ts';
import { wakeReads } from '../park-stream.ts';

/**
 * Signs in anew and tries each right, field and limit; keeps the outcome. A login that is refused is kept as a failed
 * check. Throws NotFoundError, ForbiddenError for a refused address, RemoteUnavailable when nobody answers.
 */
export async function checkConnection(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<ConnectionView> {
  const draft = await deps.store.readTenant(caller.tenantId, async (tx) => ({
    ...(await liveConnection(tx, id)),
    secrets: await openSecrets(tx, deps.kek, id),
  }));
  const checks = await tryStored(deps, caller.tenantId, draft, { mustLogin: false }).catch(
    (error: unknown) => {
      if (error instanceof AuthExpired) return [refusedLogin(error)];
      throw error;
    },
  );
  const saved = await deps.store.withTenant(caller.tenantId, async (tx) => {
    const connection = await saveChecks(tx, id, checks);
    await wakeDelivery(deps, tx, connection);
    await wakeReads(deps, tx, connection);
    return await connectionView(tx, connection);
  });
  await deps.sessions.drop(caller.tenantId, id);
  return saved;
}

function refusedLogin(error: AuthExpired): ConnectionCheck {
  return {
    name: 'login',
    ok: false,
    detail: error.message,
    fix: 'Store working credentials with: trueup connections rotate.',
  };
}
