import { compareReadBack, severalUnderOneKey } from '../delivery/compare-read-back.ts';
import { compareState } from '../delivery/compare-state.ts';
import type { LeasedIntent } from '../delivery/dispatch.ts';
import { sentOver } from '../delivery/held-state.ts';
import { saveAgreed } from '../delivery/last-agreed.ts';
import { completePlans } from '../delivery/move-plans.ts';
import { saveStatusChanges } from '../delivery/shown-status.ts';
import { dueForReadBack, putOffRefused, revisionsOf, settle } from '../delivery/settle-intents.ts';
import { fieldsToSend } from '../delivery/three-way.ts';
import { killPoint } from '../kernel/kill-point.ts';
import { statusObject, type ConnectorSession } from '../sdk/define-connector.ts';
import { heldFor } from './decide-fields.ts';
import { repeatedTx } from './leased-tx.ts';
import { openOvertaken } from './look-at-conflicts.ts';
import type { Delivery } from './delivery-target.ts';
import { readHeld } from './read-held.ts';
import { changeOf } from './tell-conflicts.ts';
import { kindOf } from './write-kind.ts';

/**
 * Asks the vendor what it holds of one batch of intents and settles them by it; returns how many. What it refuses to show is
 * put off, with the reason, and the others go on.
 */
export async function readBackDue(delivery: Delivery, session: ConnectorSession): Promise<number> {
  const { deps, context, target, batch, partFields, byState } = delivery;
  const due = await deps.store.readTenant(context.tenantId, (tx) =>
    dueForReadBack(tx, target, batch),
  );
  if (due.length === 0) return 0;
  const present = await readHeld(due, (part) =>
    byState
      ? session.readBack(target.object, [], vendorIdsOf(part))
      : session.readBack(target.object, externalIdsOf(part)),
  );
  const { held, refused, unasked } = present;
  await killPoint('push.read_back', () => kindOf(target.object, due));
  const records = Map.groupBy(held, ({ externalId }) => externalId);
  const unread = new Set([...refused.keys(), ...unasked]);
  const told = due.filter((intent) => !unread.has(intent));
  await repeatedTx(deps, context, async (tx) => {
    await putOffRefused(tx, present);
    const known = await revisionsOf(tx, externalIdsOf(told));
    const before = byState ? await sentOver(tx, told.map(({ id }) => id)) : null; // prettier-ignore
    const verdicts = told.map((intent) => {
      const own = known.get(intent.externalId) ?? new Map<string, number>();
      const named = records.get(intent.externalId) ?? [];
      const [record] = named;
      const sent = { id: intent.id, revision: intent.revision, payload: fieldsToSend(intent.payload, intent.decided) }; // prettier-ignore
      if (before !== null) {
        const now = heldFor(intent, held);
        const over = before.get(intent.id) ?? { held: null, overtaken: false };
        return { intent, record: now, verdict: compareState({ ...intent, ...sent }, now, over) };
      }
      const verdict = severalUnderOneKey(named) ?? compareReadBack(sent, record, own, partFields);
      return { intent, record, verdict };
    });
    await settle(tx, verdicts);
    const shown = verdicts.flatMap(({ intent, record, verdict }) =>
      verdict.kind === 'applied' && record !== undefined ? [{ intent, record }] : [],
    );
    await saveAgreed(tx, target, shown);
    const object = statusObject(target.object);
    if (object !== null)
      await saveStatusChanges(
        tx,
        { ...target, object },
        shown.flatMap(({ record }) => {
          const { theirsAt } = changeOf(record);
          return theirsAt === null ? [] : [{ vendorId: record.vendorId, changedAt: theirsAt }];
        }),
      );
    const overtaken = verdicts.flatMap(({ intent, record, verdict }) =>
      verdict.kind === 'conflict' && record !== undefined
        ? [{ intent, record, paths: verdict.fields }]
        : [],
    );
    await openOvertaken(deps, tx, overtaken);
    // Now, and not at the end of the turn: who waits for a plan should not wait for the next batch.
    if (shown.some(({ intent }) => intent.planId !== null)) await completePlans(tx);
  });
  return due.length;
}

function externalIdsOf(due: readonly LeasedIntent[]): readonly string[] {
  return [...new Set(due.map(({ externalId }) => externalId))];
}

function vendorIdsOf(due: readonly LeasedIntent[]): readonly string[] {
  return [...new Set(due.flatMap(({ vendorId }) => (vendorId === null ? [] : [vendorId])))];
}
