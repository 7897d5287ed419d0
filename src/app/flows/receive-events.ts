import { keepBatch, packBatch } from '../../intake/usage/batches.ts';
import type { RejectedEvent } from '../../intake/usage/event.ts';
import { parseJson } from '../../intake/usage/parse-batch.ts';
import { judgeEvents } from '../../intake/usage/screen-events.ts';
import { StoreUnavailable } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';
import { screeningOf } from '../usage-screening.ts';
import { deriveWork } from '../usage-work.ts';

export { parseJson };

/** Events that may wait to be taken apart: what a worker does in some ten seconds. */
const MOST_WAITING = 1_000_000;

/** Events of one request, and the JSON text that they were parsed from. */
export interface EventBatch {
  readonly events: readonly unknown[];
  readonly text: Buffer;
}

/** What came of a batch: accepted + duplicates + rejected is its length. */
export interface EventsReceipt {
  /** Taken. One whose source and id are known from an earlier batch is the same event, and counts once. */
  readonly accepted: number;
  /** Events that stand in the batch twice. */
  readonly duplicates: number;
  readonly rejected: readonly RejectedEvent[];
}

/**
 * Takes events of use (CloudEvents 1.0, parsed). Each is judged by itself; the batch is kept, sealed, before this
 * returns, and taken apart later: then its events are kept once for each source and id, under pseudonyms, and counted.
 * Throws StoreUnavailable while too many events wait; the sender keeps the batch and comes back.
 */
export async function receiveEvents(
  deps: Pick<Deps, 'store' | 'kek' | 'queue'>,
  caller: Caller,
  { events, text }: EventBatch,
): Promise<EventsReceipt> {
  const { firstDay, keys, waitingEvents, isFresh } = await screeningOf(deps, caller.tenantId);
  if (waitingEvents > MOST_WAITING) {
    throw new StoreUnavailable(
      'More events came than could be taken apart yet. Nothing of this batch was taken; send it again.',
      { details: { retryAfterSeconds: 5 } },
    );
  }
  const { taken, duplicates, rejected } = judgeEvents(events, firstDay);
  const receipt = { accepted: taken.length, duplicates, rejected };
  if (taken.length === 0) return receipt;
  const id = newId('usb');
  const sealed = keys.seal(id, packBatch(text));
  await deps.store.withTenant(caller.tenantId, async (tx) => {
    await keepBatch(tx, { id, actor: caller.actor, events: taken.length, sealed });
    // Asked for now and then, not by each batch: they would wait for each other at its row.
    if (isFresh) await request(deps, tx, [deriveWork]);
  });
  return receipt;
}
