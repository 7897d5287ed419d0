import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { endConnection, lockUnderWay } from '../../delivery/end-connection.ts';
import { completePlans, supersedePlansFor } from '../../delivery/move-plans.ts';
import { closeGate } from '../../delivery/send-gate.ts';
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
 * superseded; what waits for a person and could be mended only over there waits no more, and what was planned and never
 * sent is dropped: a plan that was half done ends as `incomplete`. Its row, runs, landed records and facts stay, so every
 * figure can still be traced; therefore its name is never free again. Throws NotFoundError, and StaleError while nobody
 * knows yet what became of a write, unless `giveUp` says why nobody waits for that any more (its system is gone).
 */
export async function removeConnection(
  deps: Deps,
  caller: Caller,
  { id, giveUp }: { readonly id: string; readonly giveUp?: string | undefined },
): Promise<ConnectionView> {
  const givenUp = giveUp === undefined ? null : { by: caller.personName, reason: giveUp };
  const view = await deps.store.withTenant(caller.tenantId, async (tx) => {
    await closeGate(tx);
    const before = await liveConnection(tx, id);
    await requireSettled(tx, id, givenUp !== null);
    await removeSchedule(tx, 'pull', id);
    await removeSchedule(tx, 'pull', proofKey(id));
    await forgetSecrets(tx, id);
    await sealHookSecrets(tx, deps.kek, id, []);
    await supersedePlansFor(tx, id);
    await forgetChanges(tx, id);
    const removed = await markRemoved(tx, id);
    await wakeReads(deps, tx, removed);
    await dropWaiting(tx, id);
    const { unknown, ...others } = await endConnection(tx, id, givenUp);
    const ended = { ...others, unknown: unknown.length, records: await endUnlanded(tx, id) };
    await completePlans(tx);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'connection.removed',
      subject: { type: 'connection', id },
      details: {
        connector: before.connector,
        mode: before.mode,
        status: before.status,
        ended,
        ...(givenUp === null ? {} : { gaveUp: givenUp.reason, unknown: unknown.slice(0, MOST_NAMED) }),
      },
    }); // prettier-ignore
    return await connectionView(tx, removed);
  });
  await deps.sessions.drop(caller.tenantId, id);
  return view;
}

/** Ids of writes that the audit names; the number of all is beside them. */
const MOST_NAMED = 500;

async function requireSettled(tx: TenantTx, id: string, isGivenUp: boolean): Promise<void> {
  const open = await lockUnderWay(tx, id);
  if (open.length === 0) return;
  const objects = open.map(({ object }) => object).join(', ');
  if (isGivenUp && open.some(({ isBusy }) => isBusy))
    throw new StaleError(
      `Connection "${id}" has writes (${objects}) whose calls may still be on their way. Remove it once they are over, in a few minutes at most: trueup intents list.`,
    );
  if (isGivenUp) return;
  throw new StaleError(
    `Connection "${id}" has writes under way (${objects}), and what became of them is not known yet. It is asked by itself; remove it once they are settled: trueup intents list. If its system is gone for good, say so: trueup connections remove ${id} --give-up "why".`,
  );
}
