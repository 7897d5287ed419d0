import { compareReadBack, severalUnderOneKey } from '../delivery/compare-read-back.ts';
import { compareState } from '../delivery/compare-state.ts';
import type { LeasedIntent } from '../delivery/dispatch.ts';
import { sentOver } from '../delivery/held-state.ts';
import { saveAgreed } from '../delivery/last-agreed.ts';
import { dueForReadBack, revisionsOf, settle } from '../delivery/settle-intents.ts';
import { fieldsToSend } from '../delivery/three-way.ts';
import { killPoint } from '../kernel/kill-point.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import { heldFor } from './decide-fields.ts';
import { repeatedTx } from './leased-tx.ts';
import { openOvertaken } from './look-at-conflicts.ts';
import type { Delivery } from './delivery-target.ts';
import { kindOf } from './write-kind.ts';

/** Asks the vendor what it holds of one batch of intents and settles them by it; returns how many. */
export async function readBackDue(delivery: Delivery, session: ConnectorSession): Promise<number> {
  const { deps, context, target, batch, partFields, byState } = delivery;
  const due = await deps.store.readTenant(context.tenantId, (tx) =>
    dueForReadBack(tx, target, batch),
  );
  if (due.length === 0) return 0;
  const externalIds = [...new Set(due.map((intent) => intent.externalId))];
  const held = byState
    ? await session.readBack(target.object, [], vendorIdsOf(due))
    : await session.readBack(target.object, externalIds);
  await killPoint('push.read_back', () => kindOf(target.object, due));
  const records = Map.groupBy(held, ({ externalId }) => externalId);
  await repeatedTx(deps, context, async (tx) => {
    const known = await revisionsOf(tx, externalIds);
    const before = byState ? await sentOver(tx, due.map(({ id }) => id)) : null; // prettier-ignore
    const verdicts = due.map((intent) => {
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
    const overtaken = verdicts.flatMap(({ intent, record, verdict }) =>
      verdict.kind === 'conflict' && record !== undefined
        ? [{ intent, record, paths: verdict.fields }]
        : [],
    );
    await openOvertaken(deps, tx, overtaken);
  });
  return due.length;
}

function vendorIdsOf(due: readonly LeasedIntent[]): readonly string[] {
  return [...new Set(due.flatMap(({ vendorId }) => (vendorId === null ? [] : [vendorId])))];
}
