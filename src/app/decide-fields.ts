import { saveDecided, type DecidedIntent } from '../delivery/conflicts.ts';
import type { LeasedIntent } from '../delivery/dispatch.ts';
import { decisionInputs } from '../delivery/last-agreed.ts';
import { statusChanges } from '../delivery/shown-status.ts';
import { decideRecord } from '../delivery/three-way.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import { repeatedTx } from './leased-tx.ts';
import type { Delivery } from './delivery-target.ts';
import { rulesOn, tellConflicts, theirChange } from './tell-conflicts.ts';

/** The record that an intent is about, among those that the other system showed; none where several answer to its key. */
export function heldFor(
  { vendorId, externalId }: LeasedIntent,
  held: readonly ReadBackRecord[],
): ReadBackRecord | undefined {
  const [found, another] = held.filter((each) =>
    vendorId === null ? each.externalId === externalId : each.vendorId === vendorId,
  );
  return another === undefined ? found : undefined;
}

/**
 * Decides each field of what is about to be sent by the rules of its mapping, from what the other system holds now and
 * what both sides last agreed on. What is kept is not sent; what no rule decides becomes a conflict for a person, and all
 * else of the record goes out.
 */
export async function decideFields(
  { deps, context, target }: Delivery,
  held: readonly ReadBackRecord[],
  leased: readonly LeasedIntent[],
): Promise<readonly LeasedIntent[]> {
  const there = leased.flatMap((intent) => {
    const record = heldFor(intent, held);
    return record === undefined ? [] : [{ intent, record }];
  });
  const stale = leased.some(({ decided }) => decided.length > 0);
  if (there.length === 0 && !stale) return leased;
  return repeatedTx(deps, context, async (tx) => {
    const rules = await rulesOn(deps, tx, target.connection);
    const inputs = await decisionInputs(
      tx,
      there.map(({ intent }) => intent.id),
    );
    const shownAt = await statusChanges(tx, target, there.map(({ record }) => record.vendorId)); // prettier-ignore
    const decided = there.map(({ intent, record }): DecidedIntent => {
      const input = inputs.get(intent.id);
      const named = rules.get(intent.mapping?.id ?? '') ?? [];
      const { theirsAt, theirsBy } = theirChange(record, shownAt.get(record.vendorId), intent.createdAt); // prettier-ignore
      const sides = { payload: intent.payload, held: record.fields, rules: named, agreed: input?.agreed ?? {}, overrule: input?.overrule ?? {}, expects: input?.expects ?? {}, oursAt: intent.createdAt, theirsAt }; // prettier-ignore
      return { intent, ...decideRecord(sides), vendorId: record.vendorId, theirsAt, theirsBy };
    });
    const gone = leased.filter((intent) => heldFor(intent, held) === undefined);
    const all = [...decided, ...gone.map(nothingDecided)];
    const { opened, vanished } = await saveDecided(tx, target, all);
    await tellConflicts(tx, 'conflict.opened', opened);
    await tellConflicts(tx, 'conflict.vanished', vanished);
    const byId = new Map(all.map((each) => [each.intent.id, each.decided]));
    return leased.map((intent) => ({ ...intent, decided: byId.get(intent.id) ?? [] }));
  });
}

/** There is nothing to compare with: it is sent whole. */
function nothingDecided(intent: LeasedIntent): DecidedIntent {
  return { intent, decided: [], open: [], vendorId: null, theirsAt: null, theirsBy: null };
}
