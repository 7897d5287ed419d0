import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { endConnection, underWay } from '../../delivery/end-connection.ts';
import { supersedePlansFor } from '../../delivery/move-plans.ts';
import { forgetChanges } from '../../intake/change-checkpoints.ts';
import { liveConnection, markRemoved } from '../../intake/connections.ts';
import { endUnlanded } from '../../intake/quarantine.ts';
import { StaleError } from '../../kernel/errors.ts';
import { removeSchedule } from '../../queue/schedules.ts';
import type { Caller } from '../../security/caller.ts';
import { sealHookSecrets } from '../../security/hook-secrets.ts';
import { forgetSecrets } from '../../security/secrets.ts';
import { connectionView, type ConnectionView } from '../connection-view.ts';
import type { Deps } from '../deps.ts';
import { wakeReads } from '../park-stream.ts';
import { dropWaiting } from '../paused-pages.ts';
import { proofKey } from '../request.ts';

/**
 * Removes a connection for good: its schedule, secrets and checkpoints go, and plans that would write to it are
 * superseded; what waits for a person and could be mended only over there waits no more, and what was planned and never sent is dropped. Its row, runs, landed records and facts stay, so every figure can still be traced; therefore its name is
 * never free again. Throws NotFoundError, and StaleError while nobody knows yet what became of a write.
 */
export async function removeConnection(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<ConnectionView> {
  const view = await deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await liveConnection(tx, id);
    await requireSettled(tx, id);
    await removeSchedule(tx, 'pull', id);
    await removeSchedule(tx, 'pull', proofKey(id));
    await forgetSecrets(tx, id);
    await sealHookSecrets(tx, deps.kek, id, []);
    await supersedePlansFor(tx, id);
    await forgetChanges(tx, id);
    const removed = await markRemoved(tx, id);
    await wakeReads(deps, tx, removed);
    await dropWaiting(tx, id);
    const ended = { ...(await endConnection(tx, id)), records: await endUnlanded(tx, id) };
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'connection.removed',
      subject: { type: 'connection', id },
      details: { connector: before.connector, mode: before.mode, status: before.status, ended },
    });
    return await connectionView(tx, removed);
  });
  await deps.sessions.drop(caller.tenantId, id);
  return view;
}

async function requireSettled(tx: TenantTx, id: string): Promise<void> {
  const objects = await underWay(tx, id);
  if (objects.length === 0) return;
  throw new StaleError(
    `Connection "${id}" has writes under way (${objects.join(', ')}), and what became of them is not known yet. It is asked by itself; remove it once they are settled: trueup intents list.`,
  );
}
