import type { TenantTx } from '../db/store.ts';
import type { EventData, EventType } from '../delivery/webhooks/event-types.ts';
import { keepEvent } from '../delivery/webhooks/events.ts';

/**
 * Tells webhooks what happened, in the transaction of what it tells: rolled back, it was never told. Costs one statement,
 * takes no lock that another telling waits for, and is sent within a few seconds of the commit. `data` holds ids, never
 * names, amounts or secrets.
 */
export async function tell<Type extends EventType>(
  tx: TenantTx,
  event: {
    readonly type: Type;
    /** What it is about, such as `plan:pln_…`. */
    readonly subject: string;
    readonly data: EventData<Type>;
    /** Not again what was told of the same subject. */
    readonly once?: boolean;
  },
): Promise<void> {
  await keepEvent(tx, event);
}
