import { DROPPED } from '../../delivery/drop-unsent.ts';
import { listIntents, type Intent } from '../../delivery/intents.ts';
import { writesOf } from '../../delivery/plan-writes.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import type { ModeVerdict } from '../../delivery/write-modes.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { loadModes } from '../effect-modes.ts';
import { loadPlanNames } from '../plan-names.ts';
import { presentOf, readPresentOf, savePresent, type PresentValues } from '../plan-present.ts';
import { keepShown, shownHash } from '../plan-shown.ts';
import { plannedRecords, type PlannedRecord } from '../planned-records.ts';

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
  readonly progress: {
    readonly of: number;
    readonly done: number;
    /** What it does not do any more: something later took its place, or it was dropped. */
    readonly overtaken: readonly { readonly intentId: string; readonly connection: string; readonly object: string; readonly why: string }[]; // prettier-ignore
    readonly waiting: readonly { readonly intentId: string; readonly connection: string; readonly object: string; readonly state: string; readonly why: string }[]; // prettier-ignore
  } | null;
}

/**
 * One plan with its intents. While it can still be decided, the systems are read for what they hold now, and that is kept
 * with the plan and by person: an approval is given over what its person was shown. Throws NotFoundError.
 */
export async function showPlan(deps: Deps, caller: Caller, id: string): Promise<PlanView> {
  const { tenantId } = caller;
  const { plan, seen, intents, writes, mode } = await deps.store.readTenant(
    tenantId,
    async (tx) => {
      const found = await getPlan<PlanBody>(tx, id);
      return {
        plan: found,
        seen: await presentOf(tx, id),
        intents: await listIntents(tx, { planId: id, limit: 500 }),
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
    progress: isUnderWay(plan, intents) ? progressOf(intents) : null,
  };
}

/** True for one that was begun, however it ended. */
function isUnderWay({ status }: Plan<PlanBody>, intents: readonly Intent[]): boolean {
  return (
    ['applying', 'applied'].includes(status) || (status === 'superseded' && intents.length > 0)
  );
}

const WHY: Readonly<Record<string, string>> = {
  PLANNED: 'waits for its turn',
  LEASED: 'is about to be sent',
  SENT: 'was sent, and its answer has not come',
  UNKNOWN: 'was sent, and nobody knows what became of it; it is looked for',
  APPLIED: 'was taken, and is read back',
  CONFLICT: 'the record holds something else than we wrote; decide, then resume',
  QUARANTINED: 'was refused; mend the cause, then resume',
};

function progressOf(all: readonly Intent[]): PlanView['progress'] {
  const intents = all.filter(({ state }) => state !== 'SUPERSEDED');
  const isDone = ({ state, readBack }: Intent): boolean => state === 'APPLIED' && readBack;
  const waiting = intents.filter((intent) => !isDone(intent)).map(({ id, connection, object, state, error }) => ({ intentId: id, connection, object, state, why: [WHY[state] ?? state, ...(error === null ? [] : [error.message])].join(': ') })); // prettier-ignore
  const overtaken = overtakenOf(all);
  const of = intents.length + overtaken.length;
  return { of, done: intents.length - waiting.length, overtaken, waiting };
}

/** Of each record of which nothing of the plan stands any more, the plan's last word. */
function overtakenOf(all: readonly Intent[]): NonNullable<PlanView['progress']>['overtaken'] {
  const records = Map.groupBy(all, ({ externalId }) => externalId);
  return [...records.values()].flatMap((own) => {
    if (own.some(({ state }) => state !== 'SUPERSEDED')) return [];
    const last = own.toSorted((a, b) => b.revision - a.revision)[0];
    if (last === undefined) return [];
    const { id, connection, object, error } = last;
    const why = error?.code === DROPPED ? error.message : 'Something later took its place.';
    return [{ intentId: id, connection, object, why }];
  });
}
