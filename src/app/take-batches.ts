import type { TenantTx } from '../db/store.ts';
import { forgetBatches, unpackBatch, waitingBatches } from '../intake/usage/batches.ts';
import { personalMembers } from '../intake/usage/definition.ts';
import { listDefinitions } from '../intake/usage/definitions.ts';
import { keepEvents, type Arrival } from '../intake/usage/events.ts';
import { firstOpenDay } from '../intake/usage/horizon.ts';
import { parseJson } from '../intake/usage/parse-batch.ts';
import { screenEvents } from '../intake/usage/screen-events.ts';
import { usageKeysOf } from '../security/usage-keys.ts';
import { companySetting } from './company-settings.ts';
import type { Deps } from './deps.ts';

/** Of one transaction. */
const EVENTS_AT_ONCE = 5_000;

/**
 * Takes the oldest batches apart: their events are kept, once for each source and id, and the batches are forgotten, in
 * one transaction. Returns how many batches it were.
 */
export async function takeBatches(deps: Pick<Deps, 'kek'>, tx: TenantTx): Promise<number> {
  const batches = await waitingBatches(tx, EVENTS_AT_ONCE);
  if (batches.length === 0) return 0;
  const { usageEvents } = await companySetting(tx, 'retention');
  const firstDay = await firstOpenDay(tx, usageEvents);
  const keys = await usageKeysOf(tx, deps.kek);
  const members = personalMembers(await listDefinitions(tx));
  for (const [actor, own] of Map.groupBy(batches, (batch) => batch.actor)) {
    const arrivals = own.flatMap(({ id, sealed, receivedAt }) => {
      const parsed = parseJson(unpackBatch(keys.open(id, sealed)));
      const events = screenEvents(Array.isArray(parsed) ? parsed : [], firstDay, {
        members,
        ...keys,
      });
      return events.map((event): Arrival => ({ event, receivedAt }));
    });
    await keepEvents(tx, arrivals, actor);
  }
  await forgetBatches(
    tx,
    batches.map(({ id }) => id),
  );
  return batches.length;
}
