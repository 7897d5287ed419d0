import { listTenants } from '../db/tenants.ts';
import type { TenantTx } from '../db/store.ts';
import { openTargets, reapLost } from '../delivery/dispatch.ts';
import { dueEndpoints } from '../delivery/webhooks/deliveries.ts';
import { unendedStreams, unmappedPages } from '../intake/unfinished.ts';
import { ValidationError } from '../kernel/errors.ts';
import { pausedStreams } from '../mapping/paused-mappings.ts';
import { requestMissingWork, reviveStuck, type WorkItem } from '../queue/outbox.ts';
import type { Deps } from './deps.ts';
import { followModes } from './mode-gate.ts';
import { deliverWork, mapWork, pullWork, webhookWork } from './request.ts';

/** Rows older than this without a row in the outbox were forgotten by somebody: an emptied outbox, a restored backup. */
const FORGOTTEN_AFTER_S = 60;

/**
 * Finds unfinished work by the rows that it is about: pages not mapped, streams not ended, intents not settled. Normally
 * each has its outbox row already and this finds nothing; it is what makes an emptied outbox cost no more than a minute.
 * Intents under a lease that is over by the database's clock are taken from whoever held them, and their delivery, which
 * never runs out of attempts, is started again where it is stuck: no queue has a part in it.
 * What a mode keeps back, and lets go without anybody having set one, goes from here.
 * Events for webhooks are always found here: who tells one takes no lock on a row of the outbox.
 */
export async function reopenWork(deps: Pick<Deps, 'store'>): Promise<void> {
  for (const tenant of await listTenants(deps.store)) {
    await keepToModes(deps, tenant.id);
    await deps.store.withTenant(tenant.id, async (tx) => {
      await reapLost(tx);
      const targets = (await openTargets(tx)).map(deliverWork);
      await reviveStuck(tx, targets, FORGOTTEN_AFTER_S);
      await requestMissingWork(tx, [...(await unfinished(tx)), ...targets]);
    });
  }
}

/** In a transaction of its own: settings that say too little to tell a mode keep nothing else from being found. */
async function keepToModes({ store }: Pick<Deps, 'store'>, tenantId: string): Promise<void> {
  try {
    await store.withTenant(tenantId, followModes, { retry: true });
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
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
