import { compareReadBack } from '../delivery/compare-read-back.ts';
import { dueForReadBack, intentIdsOf, settle } from '../delivery/dispatch.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import { leasedTx } from './leased-tx.ts';
import type { Delivery } from './send-intents.ts';

/** Asks the vendor what it holds of one batch of intents and settles them by it; returns how many. */
export async function readBackDue(delivery: Delivery, session: ConnectorSession): Promise<number> {
  const { deps, context, target, batch, partFields } = delivery;
  const due = await deps.store.readTenant(context.tenantId, (tx) =>
    dueForReadBack(tx, target, batch),
  );
  if (due.length === 0) return 0;
  const externalIds = [...new Set(due.map((intent) => intent.externalId))];
  const held = await session.readBack(target.object, externalIds);
  const records = new Map(held.map((record) => [record.externalId, record]));
  await leasedTx(deps, context, async (tx) => {
    const known = await intentIdsOf(tx, externalIds);
    const verdicts = due.map((intent) => {
      const own = known.get(intent.externalId) ?? new Set<string>();
      const record = records.get(intent.externalId);
      return { intent, verdict: compareReadBack(intent, record, own, partFields) };
    });
    await settle(tx, verdicts);
  });
  return due.length;
}
