import { listIntents, type Intent } from '../../delivery/intents.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import { sameForm } from '../../delivery/same-value.ts';
import { fieldsOf, valueAt } from '../../delivery/three-way.ts';
import type { ModeVerdict } from '../../delivery/write-modes.ts';
import type { Json } from '../../kernel/hash.ts';
import { externalIdOf } from '../../kernel/ids.ts';
import type { Caller } from '../../security/caller.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { loadModes } from '../effect-modes.ts';
import { presentOf, readPresentOf, savePresent, type PresentValues } from '../plan-present.ts';

/** What becomes of one record. */
export interface PlannedRecord {
  readonly connection: string;
  readonly object: string;
  readonly vendorId: string | null;
  /** `unread`: its system could not be asked, so nobody knows what is there. */
  readonly does: 'create' | 'update' | 'nothing' | 'unread';
  /** Fields that would hold another value, with the present one. */
  readonly fields: readonly {
    readonly field: string;
    readonly present: Json;
    readonly planned: Json;
  }[];
}

/** A plan with what it changes against what is there, and what became of its effects. */
export interface PlanView extends Plan<PlanBody> {
  readonly intents: readonly Intent[];
  readonly changes: {
    /** When the other systems were read; null where it was too late to ask, or nobody did. */
    readonly readAt: string | null;
    readonly records: readonly PlannedRecord[];
    readonly unread: PresentValues['unread'];
    /** Calls that applying it takes at most: each record is looked at, written and read back. */
    readonly calls: number;
  };
  readonly mode: ModeVerdict;
  /** Null until it is being applied. */
  readonly progress: {
    readonly of: number;
    readonly done: number;
    readonly waiting: readonly { readonly intentId: string; readonly connection: string; readonly object: string; readonly state: string; readonly why: string }[]; // prettier-ignore
  } | null;
}

/**
 * One plan with its intents. While it can still be decided, the systems are read for what they hold now, and that is kept
 * with the plan: an approval is given over what was shown. Throws NotFoundError.
 */
export async function showPlan(deps: Deps, caller: Caller, id: string): Promise<PlanView> {
  const { tenantId } = caller;
  const { plan, seen, intents, mode } = await deps.store.readTenant(tenantId, async (tx) => {
    const found = await getPlan<PlanBody>(tx, id);
    return {
      plan: found,
      seen: await presentOf(tx, id),
      intents: await listIntents(tx, { planId: id, limit: 500 }),
      mode: (await loadModes(tx)).ofAll(found.body.effects),
    };
  });
  const isOpen = ['blocked', 'observed', 'waiting', 'review'].includes(plan.status);
  const present = isOpen
    ? await readPresentOf(deps, tenantId, plan.body)
    : (seen.approved ?? seen.present);
  if (isOpen && present !== null)
    await deps.store.withTenant(tenantId, (tx) => savePresent(tx, id, present, false));
  const records = plan.body.effects.map((effect) => recordOf(tenantId, effect, present));
  const calls = 3 * records.filter(({ does }) => does !== 'nothing').length;
  return {
    ...plan,
    intents,
    mode,
    changes: { readAt: present?.readAt ?? null, records, unread: present?.unread ?? [], calls },
    progress: ['applying', 'applied'].includes(plan.status) ? progressOf(intents) : null,
  };
}

function recordOf(
  tenantId: string,
  effect: PlanBody['effects'][number],
  present: PresentValues | null,
): PlannedRecord {
  const { connection, object } = effect;
  const id = externalIdOf({ tenantId, ...effect });
  const found = present?.records.find(({ externalId }) => externalId === id);
  const held = found?.fields ?? null;
  const fields = fieldsOf(effect.fields).flatMap((field) => {
    const planned = valueAt(effect.fields, field) ?? null;
    const now = held === null ? null : (valueAt(held, field) ?? null);
    return sameForm(planned, now) ? [] : [{ field, present: now, planned }];
  });
  const vendorId = found?.vendorId ?? effect.vendorId;
  if (found === undefined) return { connection, object, vendorId, does: 'unread', fields };
  const does = held === null ? 'create' : fields.length === 0 ? 'nothing' : 'update';
  return { connection, object, vendorId, does, fields };
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
  return { of: intents.length, done: intents.length - waiting.length, waiting };
}
