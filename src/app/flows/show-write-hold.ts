import type { Intent } from '../../delivery/intents.ts';
import type { Plan } from '../../delivery/plans.ts';
import { getWriteHold, intentsOfHold, plansOfHold, type WriteHold } from '../../delivery/write-holds.ts'; // prettier-ignore
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';

const MOST = 500;

/** A hold with what waits in it: at most 500 of its writes, and of its plans the newest 500. */
export interface WriteHoldView extends WriteHold {
  readonly writes: readonly Intent[];
  readonly held: readonly Plan<PlanBody>[];
}

/** One hold with its list. Throws NotFoundError. */
export function showWriteHold(deps: Deps, caller: Caller, id: string): Promise<WriteHoldView> {
  return deps.store.readTenant(caller.tenantId, async (tx) => ({
    ...(await getWriteHold(tx, id)),
    writes: await intentsOfHold(tx, id, MOST),
    held: await plansOfHold<PlanBody>(tx, id, MOST),
  }));
}
