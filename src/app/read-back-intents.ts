import { compareReadBack } from '../delivery/compare-read-back.ts';
import { dueForReadBack, intentIdsOf, settle } from '../delivery/dispatch.ts';
import { saveAgreed } from '../delivery/last-agreed.ts';
import { fieldsToSend } from '../delivery/three-way.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import { leasedTx } from './leased-tx.ts';
import { openOvertaken } from './look-at-conflicts.ts';
import type { Delivery } from './delivery-target.ts';

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
      const sent = { id: intent.id, payload: fieldsToSend(intent.payload, intent.decided) };
      return { intent, record, verdict: compareReadBack(sent, record, own, partFields) };
    });
    await settle(tx, verdicts);
    const shown = verdicts.flatMap(({ intent, record, verdict }) =>
      verdict.kind === 'applied' && record !== undefined ? [{ intent, record }] : [],
    );
    await saveAgreed(tx, target, shown);
    const overtaken = verdicts.flatMap(({ intent, record, verdict }) =>
      verdict.kind === 'conflict' && record !== undefined
        ? [{ intent, record, paths: verdict.fields }]
        : [],
    );
    await openOvertaken(deps, tx, overtaken);
  });
  return due.length;
}
