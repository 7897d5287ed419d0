import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import { proposeIntents, type Proposed } from '../delivery/intents.ts';
import { saveObserved } from '../delivery/observed-effects.ts';
import { heldRecords, holdBack, openHoldOf, type WriteSource } from '../delivery/write-holds.ts';
import { companySetting } from './company-settings.ts';
import { loadModes } from './effect-modes.ts';
import { countEffects, holdRun, overCaps, sumOf } from './write-guard.ts';

/**
 * Plans what a run of one source would write, as far as it may. Where the mode is not `write` it is only kept for showing.
 * Where the run would change more than the company allows, all of it is planned and kept back until a person releases it;
 * so is whatever a later run changes of a record that is kept back.
 */
export async function proposeRun(
  tx: TenantTx,
  source: WriteSource,
  effects: readonly Effect[],
): Promise<Proposed> {
  const modes = await loadModes(tx);
  const judged = effects.map((effect) => ({ effect, verdict: modes.of(effect) }));
  await saveObserved(tx, source, judged.filter(({ verdict }) => verdict.mode !== 'write')); // prettier-ignore
  const open = judged.flatMap(({ effect, verdict }) => (verdict.mode === 'write' ? [effect] : []));
  const counted = await countEffects(tx, source, open);
  const sum = await sumOf(tx, counted);
  const reasons = overCaps(sum, await companySetting(tx, 'writes'));
  const ids = counted.map(({ externalId }) => externalId);
  // Locked before anything is planned, as a release does it: one waits for the other.
  const waiting = await openHoldOf(tx, source);
  const held = await heldRecords(tx, ids);
  const proposed = await proposeIntents(tx, open);
  if (reasons.length > 0) {
    const hold = await holdRun(tx, { source, actor: `system:${source}`, reasons, counted: sum });
    await holdBack(tx, hold, ids);
  } else if (held.size > 0 && waiting !== null) {
    await holdBack(tx, waiting.id, [...held]);
  }
  return proposed;
}
