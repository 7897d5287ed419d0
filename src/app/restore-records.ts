import * as z from 'zod';
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
import { holdBack, openHoldOf, sumCounts, type RunCount } from '../delivery/write-holds.ts';
import { saveOutcome, type ChangeOutcome, type MappingChange } from '../mapping/changes.ts';
import type { WorkItem } from '../queue/outbox.ts';
import { companySetting } from './company-settings.ts';
import type { Deps } from './deps.ts';
import { deliverWork, request } from './request.ts';
import { countEffects, holdRun, overCaps, sumOf } from './write-guard.ts';

/**
 * Brings what the undone versions of an outbound mapping wrote back to what it was before them, as new revisions of the
 * same records, and keeps with the request what came of it. A field that somebody else changed since is left alone, unless
 * the request says otherwise. More than the company allows at once waits in a hold, unless another person approved as
 * much. Records that they made are offered for cancellation, as a plan that is drawn up next. Of an
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
  // Locked before anything is planned, as a release does it: one waits for the other.
  await openHoldOf(tx, 'roll-back');
  let sum: RunCount = { changed: 0, standing: 0, made: 0, money: [] };
  const written: string[] = [];
  for await (const records of writtenPages(tx, versions)) {
    const effects = records.flatMap((record) => {
      const effect = undoEffect(record, mapping, change.overwrite);
      return effect === null ? [] : [{ ...effect, changeId: change.id }];
    });
    const counted = await countEffects(tx, 'roll-back', effects);
    sum = sumCounts(sum, await sumOf(tx, counted));
    await propose(deps, tx, effects);
    written.push(...counted.map(({ externalId }) => externalId));
  }
  const restored = written.length;
  await guard(tx, change, { sum, written });
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

/**
 * What would change more than the company allows at once waits for a person, unless somebody other than who asked for it
 * approved it and was told of as many records.
 */
async function guard(
  tx: TenantTx,
  change: MappingChange,
  run: { readonly sum: RunCount; readonly written: readonly string[] },
): Promise<void> {
  const { sum, written } = run;
  const reasons = overCaps(sum, await companySetting(tx, 'writes'));
  const isApproved = change.decidedBy !== null && change.decidedBy !== change.submittedBy;
  if (reasons.length === 0 || (isApproved && written.length <= toldOf(change))) return;
  const hold = { source: 'roll-back', actor: 'system:roll-back', reasons, counted: sum } as const;
  await holdBack(tx, await holdRun(tx, hold), written);
}

/** How many records would be changed, as the approver of a roll back read it. */
function toldOf({ impact }: MappingChange): number {
  const told = Impact.safeParse(impact);
  return told.success ? told.data.rollBack.records.changed : 0;
}

const Impact = z.object({
  rollBack: z.object({ records: z.object({ changed: z.number().int() }) }),
});

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
