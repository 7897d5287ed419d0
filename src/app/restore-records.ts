import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import { proposeIntents } from '../delivery/intents.ts';
import {
  countRestorable,
  dropUnsentOf,
  undoEffect,
  writtenPages,
} from '../delivery/undo-writes.ts';
import { saveOutcome, type ChangeOutcome, type MappingChange } from '../mapping/changes.ts';
import type { WorkItem } from '../queue/outbox.ts';
import type { Deps } from './deps.ts';
import { deliverWork, request } from './request.ts';

/**
 * Brings what the undone versions of an outbound mapping wrote back to what it was before them, as new revisions of the
 * same records, and keeps with the request what came of it. A field that somebody else changed since is left alone, unless
 * the request says otherwise. Records that they made are offered for cancellation, as a plan that is drawn up next. Of an
 * inbound mapping they wrote facts, which the replay brings back. In the caller's transaction.
 */
export async function restoreRecords(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  input: {
    readonly change: MappingChange;
    readonly undone: readonly number[];
    readonly actor: string;
  },
): Promise<ChangeOutcome> {
  const { change, undone, actor } = input;
  const versions = { mappingId: change.mappingId, versions: undone };
  await dropUnsentOf(tx, versions);
  const mapping = { id: change.mappingId, version: change.publishedVersion ?? 0 };
  const { created, unknown } = await countRestorable(tx, versions);
  let restored = 0;
  for await (const records of writtenPages(tx, versions)) {
    const effects = records.flatMap((record) => {
      const effect = undoEffect(record, mapping, change.overwrite);
      return effect === null ? [] : [{ ...effect, changeId: change.id }];
    });
    await propose(deps, tx, effects);
    restored += effects.length;
  }
  const outcome = { undone: [...undone], restored, created, unknown };
  await saveOutcome(tx, change.id, outcome);
  if (created > 0) await request(deps, tx, [offerWork(change.id)]);
  await appendAudit(tx, {
    actor,
    action: 'mapping.records-restored',
    subject: { type: 'mapping', id: change.mappingId },
    details: { change: change.id, ...outcome },
  });
  return outcome;
}

async function propose(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  effects: readonly Effect[],
): Promise<void> {
  const { targets } = await proposeIntents(tx, effects);
  await request(deps, tx, targets.map(deliverWork));
}

/** The work of drawing up the plan that offers for cancellation what a rolled back version made. */
export function offerWork(changeId: string): WorkItem {
  return { job: 'offer-cancellation', key: changeId, payload: { changeId } };
}
