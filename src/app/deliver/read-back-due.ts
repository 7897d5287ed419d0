import { compareReadBack } from '../../delivery/compare-read-back.ts';
import { dueForReadBack, intentIdsOf, settle, type LeasedIntent } from '../../delivery/dispatch.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import { batchSize, inTx, type Delivery } from './delivery-context.ts';

/** Asks the other system what it holds of intents that are unknown or not read back yet. Returns how many it asked for. */
export async function readBackDue(delivery: Delivery, session: ConnectorSession): Promise<number> {
  const { deps, context, target } = delivery;
  const due = await deps.store.readTenant(context.tenantId, async (tx) =>
    dueForReadBack(tx, target, await batchSize(delivery, tx)),
  );
  if (due.length > 0) await readBack(delivery, session, due);
  return due.length;
}

async function readBack(
  delivery: Delivery,
  session: ConnectorSession,
  intents: readonly LeasedIntent[],
): Promise<void> {
  const externalIds = [...new Set(intents.map((intent) => intent.externalId))];
  const held = await session.readBack(delivery.target.object, externalIds);
  const records = new Map(held.map((record) => [record.externalId, record]));
  await inTx(delivery, async (tx) => {
    const ours = await intentIdsOf(tx, externalIds);
    const verdicts = intents.map((intent) => {
      const known = ours.get(intent.externalId) ?? new Set<string>();
      return { intent, verdict: compareReadBack(intent, records.get(intent.externalId), known) };
    });
    await settle(tx, verdicts);
  });
}
