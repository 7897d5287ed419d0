import { listTenants } from '../db/tenants.ts';
import type { TenantTx } from '../db/store.ts';
import { openTargets, reapLost } from '../delivery/dispatch.ts';
import { dueEndpoints } from '../delivery/webhooks/deliveries.ts';
import { unendedStreams, unmappedPages } from '../intake/unfinished.ts';
import { pausedStreams } from '../mapping/paused-mappings.ts';
import { requestMissingWork, reviveStuck, type WorkItem } from '../queue/outbox.ts';
import type { Deps } from './deps.ts';
import { deliverWork, mapWork, pullWork, webhookWork } from './request.ts';

/** Rows older than this without a row in the outbox were forgotten by somebody: an emptied outbox, a restored backup. */
const FORGOTTEN_AFTER_S = 60;

/**
 * Finds unfinished work by the rows that it is about: pages not mapped, streams not ended, intents not settled. Normally
 * each has its outbox row already and this finds nothing; it is what makes an emptied outbox cost no more than a minute.
 * Intents under a lease that is over by the database's clock are taken from whoever held them, and their delivery, which
 * never runs out of attempts, is started again where it is stuck: no queue has a part in it.
 * Events for webhooks are always found here: who tells one takes no lock on a row of the outbox.
 */
export async function reopenWork(deps: Pick<Deps, 'store'>): Promise<void> {
  for (const tenant of await listTenants(deps.store)) {
    await deps.store.withTenant(tenant.id, async (tx) => {
      await reapLost(tx);
      const targets = (await openTargets(tx)).map(deliverWork);
      await reviveStuck(tx, targets, FORGOTTEN_AFTER_S);
      await requestMissingWork(tx, [...(await unfinished(tx)), ...targets]);
    });
  }
}

async function unfinished(tx: TenantTx): Promise<readonly WorkItem[]> {
  const streams = await unendedStreams(tx, FORGOTTEN_AFTER_S);
  const pages = await unmappedPages(tx, FORGOTTEN_AFTER_S, await pausedStreams(tx));
  return [
    ...streams.map(({ runId, stream }) => pullWork(runId, stream)),
    ...pages.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber)),
    ...((await dueEndpoints(tx)).length > 0 ? [webhookWork()] : []),
  ];
}
