import type { TenantTx } from '../db/store.ts';
import type { LeasedIntent } from '../delivery/dispatch.ts';
import {
  letGo,
  putBackForMode,
  unsentWrites,
  waitForMode,
  type UnsentWrite,
} from '../delivery/mode-waits.ts';
import { findPlan } from '../delivery/plans.ts';
import type { Target } from '../delivery/target.ts';
import { listModes, type ModeVerdict } from '../delivery/write-modes.ts';
import type { PlanBody } from './deal-planning.ts';
import { loadModes } from './effect-modes.ts';

/**
 * Of leased writes, those that the modes let out. The others wait from here on, and say for what: a mode that is set after
 * something was planned holds for that too.
 */
export async function passModes(
  tx: TenantTx,
  leased: readonly LeasedIntent[],
): Promise<readonly LeasedIntent[]> {
  if (leased.length === 0 || (await listModes(tx)).length === 0) return leased;
  const judged = await judge(tx, await unsentWrites(tx, leased.map(({ id }) => id))); // prettier-ignore
  const waits = new Map(judged.flatMap(({ id, verdict }) => verdict.mode === 'write' ? [] : [[id, wordsOf(verdict)] as const])); // prettier-ignore
  await putBackForMode(tx, leased.flatMap(({ id, fence }) => {
    const message = waits.get(id);
    return message === undefined ? [] : [{ id, fence, message }];
  })); // prettier-ignore
  return leased.filter(({ id }) => !waits.has(id));
}

/**
 * Has all that is planned and not sent follow the modes as they are now: when one is set, and with each sweep, because the
 * agreement that a write counts under begins and ends by the calendar. What a worker takes up meanwhile is asked again when
 * it is leased and sent. Returns where there is something to send that waited until now.
 */
export async function followModes(tx: TenantTx): Promise<readonly Target[]> {
  const isSet = (await listModes(tx)).length > 0;
  const unsent = await unsentWrites(tx, isSet ? null : 'waiting');
  if (unsent.length === 0) return [];
  const judged = await judge(tx, unsent);
  const closed = judged.filter(({ verdict }) => verdict.mode !== 'write');
  await waitForMode(tx, closed.map(({ id, verdict }) => ({ id, message: wordsOf(verdict) }))); // prettier-ignore
  const open = judged.filter(({ verdict, waits }) => waits && verdict.mode === 'write');
  return letGo(tx, open.map(({ id }) => id)); // prettier-ignore
}

/** What a plan asks for goes together, as far as the most careful of its effects. */
async function judge(
  tx: TenantTx,
  writes: readonly UnsentWrite[],
): Promise<readonly (UnsentWrite & { readonly verdict: ModeVerdict })[]> {
  const modes = await loadModes(tx);
  const ofPlans = new Map<string, ModeVerdict>();
  for (const id of new Set(writes.flatMap(({ planId }) => planId ?? []))) {
    const plan = await findPlan<Partial<PlanBody>>(tx, id);
    ofPlans.set(id, modes.ofAll(plan?.body.effects ?? []));
  }
  return writes.map((write) => {
    const own = modes.of(write);
    const whole = write.planId === null ? undefined : ofPlans.get(write.planId);
    return { ...write, verdict: whole === undefined || whole.mode === 'write' ? own : whole };
  });
}

function wordsOf({ mode, because }: ModeVerdict): string {
  return `It waits: ${because} is set to ${mode}. It goes once that is write (\`trueup modes set\`), or drop it: \`trueup intents drop\`.`;
}
