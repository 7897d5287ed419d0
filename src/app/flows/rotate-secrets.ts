import { appendAudit } from '../../audit/audit-log.ts';
import { liveConnection, saveChecks } from '../../intake/connections.ts';
import type { Caller } from '../../security/caller.ts';
import { sealHookSecrets } from '../../security/hook-secrets.ts';
import { openSecrets, sealSecrets } from '../../security/secrets.ts';
import { connectionView, type ConnectionView } from '../connection-view.ts';
import type { Deps } from '../deps.ts';
import { splitSecrets } from '../split-secrets.ts';
import { tryConnection } from '../try-connection.ts';
import { validateDraft } from '../validate-draft.ts';
import { wakeDelivery } from '../wake-delivery.ts';
import { wakeReads } from '../park-stream.ts';

/**
 * Replaces the given secrets of a connection, after signing in with them; the others stay. Everything is sealed under a
 * new key. When nobody can sign in the old ones stay. Throws as adding a connection does.
 */
export async function rotateSecrets(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly secrets: Readonly<Record<string, string>>;
    readonly check: boolean;
  },
): Promise<ConnectionView> {
  const { own, hook } = splitSecrets(input.secrets);
  const draft = await deps.store.readTenant(caller.tenantId, async (tx) => ({
    ...(await liveConnection(tx, input.id)),
    secrets: { ...(await openSecrets(tx, deps.kek, input.id)), ...own },
  }));
  validateDraft(deps.registry, draft);
  const tried = input.check ? await tryConnection(deps, draft, { mustLogin: true }) : null;
  const view = await deps.store.withTenant(caller.tenantId, async (tx) => {
    await sealSecrets(tx, deps.kek, input.id, tried?.secrets ?? draft.secrets);
    if (hook !== undefined) await sealHookSecrets(tx, deps.kek, input.id, hook);
    const connection =
      tried === null
        ? await liveConnection(tx, input.id)
        : await saveChecks(tx, input.id, tried.checks);
    await wakeDelivery(deps, tx, connection);
    await wakeReads(deps, tx, connection);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'connection.secrets-rotated',
      subject: { type: 'connection', id: input.id },
      details: { secretFields: Object.keys(input.secrets) },
    });
    return await connectionView(tx, connection);
  });
  await deps.sessions.drop(caller.tenantId, input.id);
  return view;
}
