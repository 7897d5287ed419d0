import { listIntents, type Intent } from '../../delivery/intents.ts';
import { progressOf, type PlanProgress } from '../../delivery/plan-progress.ts';
import { writesOf } from '../../delivery/plan-writes.ts';
import { getPlan, isBegun, type Plan } from '../../delivery/plans.ts';
import type { ModeVerdict } from '../../delivery/write-modes.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { loadModes } from '../effect-modes.ts';
import { loadPlanNames } from '../plan-names.ts';
import { presentOf, readPresentOf, savePresent, type PresentValues } from '../plan-present.ts';
import { keepShown, shownHash } from '../plan-shown.ts';
import { plannedRecords, type PlannedRecord } from '../planned-records.ts';

const MOST_INTENTS = 500;

/** A plan with what it changes against what is there, and what became of its effects. */
export interface PlanView extends Plan<PlanBody> {
  readonly intents: readonly Intent[];
  readonly changes: {
    /** When the other systems were read; null where it was too late to ask, or nobody did. */
    readonly readAt: string | null;
    readonly records: readonly PlannedRecord[];
    readonly unread: PresentValues['unread'];
    /** What an approval names to be given over exactly these values; null where it can no longer be approved. */
    readonly shown: string | null;
    /** Calls that applying it takes at most: each record is looked at, written and read back. */
    readonly calls: number;
    /** Names of the products of the order, by SKU. */
    readonly products: Readonly<Record<string, string>>;
    /** The name of who approved it; null while nobody did, and for policy. */
    readonly approver: string | null;
  };
  readonly mode: ModeVerdict;
  /** Null until it is being applied. */
  readonly progress: PlanProgress | null;
}

/**
 * One plan with its intents. While it can still be decided, the systems are read for what they hold now, and that is kept
 * with the plan and by person: an approval is given over what its person was shown. Throws NotFoundError.
 */
export async function showPlan(deps: Deps, caller: Caller, id: string): Promise<PlanView> {
  const { tenantId } = caller;
  const { plan, seen, intents, progress, writes, mode } = await deps.store.readTenant(
    tenantId,
    async (tx) => {
      const found = await getPlan<PlanBody>(tx, id);
      return {
        plan: found,
        seen: await presentOf(tx, id),
        intents: await listIntents(tx, { planId: id, limit: MOST_INTENTS }),
        progress: await progressOf(tx, id),
        writes: await writesOf(tx, { planId: id }),
        mode: (await loadModes(tx)).ofAll(found.body.effects),
      };
    },
  );
  const isOpen = ['blocked', 'observed', 'waiting', 'review'].includes(plan.status);
  const known = seen.approved ?? seen.present;
  // What policy approved nobody looked at: until it is applied, what is there now is what it would change.
  const isUnseen = plan.status === 'approved' && known === null;
  const present = isOpen || isUnseen ? await readPresentOf(deps, tenantId, plan.body) : known;
  const shown = isOpen && present !== null ? shownHash(tenantId, plan.body, present) : null;
  if (shown !== null && present !== null)
    await deps.store.withTenant(tenantId, async (tx) => {
      await savePresent(tx, id, present, false);
      await keepShown(tx, { planId: id, person: caller.personId, shown, present });
    });
  const ids = [...(present?.records ?? []), ...writes].flatMap(({ vendorId }) => vendorId ?? []);
  const names = await deps.store.readTenant(tenantId, (tx) => loadPlanNames(deps, tx, plan, ids));
  const records = plannedRecords(tenantId, plan.body.effects, { present, writes, names });
  const calls = 3 * records.filter(({ does }) => does !== 'nothing').length;
  return {
    ...plan,
    intents,
    mode,
    changes: {
      readAt: present?.readAt ?? null,
      records,
      unread: present?.unread ?? [],
      shown,
      calls,
      products: names.products,
      approver: names.approver,
    },
    // Of one that was begun, however it ended.
    progress: isBegun(plan) || (plan.status === 'superseded' && progress.of > 0) ? progress : null,
  };
}
