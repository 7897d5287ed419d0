import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import { proposeIntents } from '../delivery/intents.ts';
import {
  countWrittenBy,
  dropUnsentOf,
  recordsWrittenBy,
  undoEffect,
} from '../delivery/undo-writes.ts';
import { saveOutcome, type ChangeOutcome, type MappingChange } from '../mapping/changes.ts';
import type { Deps } from './deps.ts';
import { deliverWork, request } from './request.ts';

const PAGE = 500;

/**
 * Brings what the undone versions of an outbound mapping wrote back to what it was before them, as new revisions of the
 * same records, and keeps with the request what came of it. Records that they made are left alone: they are listed for a
 * person to cancel. Of an inbound mapping they wrote facts, which the replay brings back. In the caller's transaction.
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
  let after: string | undefined;
  for (;;) {
    const records = await recordsWrittenBy(tx, versions, { after, limit: PAGE });
    const effects = records
      .map((record) => undoEffect(record, mapping))
      .filter((effect) => effect !== null);
    await propose(deps, tx, effects);
    if (records.length < PAGE) break;
    after = records.at(-1)?.externalId;
  }
  const { changed, created, unknown } = await countWrittenBy(tx, versions);
  const outcome = { undone: [...undone], restored: changed, created, unknown };
  await saveOutcome(tx, change.id, outcome);
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
