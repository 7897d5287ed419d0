import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import type { Ended } from '../intake/certificate.ts';
import { endRemovals } from '../intake/removals.ts';
import {
  countHeld,
  heldAsThere,
  holdUnseen,
  recentlyUnseen,
  releaseUnseen,
  unseenOf,
} from '../intake/unseen-records.ts';
import { activeAccountsOf } from '../ledger/account-facts.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { RecordsById, SourceRecord } from '../sdk/record.ts';
import { companySetting } from './company-settings.ts';
import { leasedTx } from './leased-tx.ts';
import { takeTurnDeciding } from './people-guard.ts';
import { joined, land, readAgain } from './reread.ts';
import { lookUp, readSource, type StreamPull } from './stream-pull.ts';

/** What a comparison with the source left open. */
export interface Unmet {
  /** What it does not list for the window, read again by id already. */
  readonly reread: RecordsById;
  /** Ids that we hold as existing and that it did not show. */
  readonly ids: readonly string[];
  /** True if all that we hold was looked for, so that what is not among `ids` is there. */
  readonly isWhole: boolean;
  /** Where only what has a stamp before this, or none, was looked for; absent or null where it was everything. */
  readonly before?: string | null;
}

/** What became of it, with every record that was read again. */
export interface Settled extends Ended {
  readonly reread: readonly SourceRecord[];
}

/** A read of a stream that met everything. */
export const NOTHING_ENDED: Ended = { removed: 0, held: 0, holdId: null, kept: 0 };

/** The outcome of two comparisons of one read. What waits was found by both. */
export function bothEnded(first: Ended, second: Ended): Ended {
  return {
    removed: first.removed + second.removed,
    held: Math.max(first.held, second.held),
    holdId: second.holdId ?? first.holdId,
    kept: Math.max(first.kept, second.kept),
  };
}

/**
 * Lands what a comparison left open, as the source has it now: what left the window, and the tombstones of what is gone.
 * Where the source stopped showing more records than the company allows within its hours, be it bit by bit, and tells of
 * no deletion, nothing of them lands: a login that lost a right reads like a mass deletion, so they wait for a person (`people confirm`). What a
 * person confirmed ends, and what was held waits until then, be it few by now; what a person kept stays and is not asked about again.
 */
export async function settleUnmet(
  pull: StreamPull,
  session: ConnectorSession,
  unmet: Unmet,
): Promise<Settled> {
  const { known, there } = await lookUp(pull, async (tx) => ({
    known: await unseenOf(tx, pull, idsOf(unmet)),
    there: await heldAsThere(tx, pull, idsOf(unmet)),
  }));
  const is = (id: string, status: string): boolean => known.get(id) === status;
  const waiting = unmet.ids.filter((id) => is(id, 'held'));
  const kept = unmet.ids.filter((id) => is(id, 'kept'));
  const unasked = unmet.ids.filter((id) => !is(id, 'held') && !is(id, 'kept'));
  const found = joined([unmet.reread, await readAgain(pull, session, unasked)]);
  const reread = found.records;
  const isDoubtful = ({ id, deleted, stamp }: SourceRecord): boolean =>
    deleted && stamp === null && there.has(id) && !is(id, 'cleared');
  const doubtful = [...reread.filter(isDoubtful).map(({ id }) => id), ...waiting];
  const { cap, heldRecords, recent } = await capOf(pull, doubtful.length);
  const isAsked = doubtful.length + recent.length > cap || waiting.length > 0;
  const untold = isAsked ? await unexplained(pull, session, [...doubtful, ...recent]) : [];
  const ended = new Set(recent);
  const open = untold.filter((id) => !ended.has(id));
  // Somebody was asked about what waits: that fewer are left now, because the source shows some again, is no answer.
  const isOver = open.length > 0 && (untold.length > cap || open.some((id) => is(id, 'held')));
  const held = new Set(isOver ? open : []);
  const ending = waiting.filter((id) => !held.has(id));
  const allowed = { ...found, records: reread.filter(({ id }) => !held.has(id)) };
  const landed = joined([allowed, await readAgain(pull, session, ending)]);
  await land(pull, landed);
  const landing = landed.records;
  const cleared = landing.filter(({ id, deleted }) => deleted && is(id, 'cleared'));
  const holdId = await leasedTx(pull.deps, pull.context, async (tx) => {
    await takeTurnDeciding(tx, pull.connection);
    await endApplied(tx, pull, cleared);
    const stays = [...held, ...kept, ...cleared.map(({ id }) => id)];
    if (unmet.isWhole) await release(tx, pull, stays, unmet.before ?? null);
    return held.size === 0 ? null : await hold(tx, pull, [...held], { cap, heldRecords });
  });
  const removed = landing.filter(({ deleted }) => deleted).length;
  return { reread, removed, held: held.size, holdId, kept: kept.length };
}

const idsOf = ({ reread, ids }: Unmet): readonly string[] => [
  ...ids,
  ...reread.records.map(({ id }) => id),
];

interface Cap {
  /** How many records may end without a person's word, with those that did in the last hours. */
  readonly cap: number;
  /** What the stream holds; counted only where that matters, 0 elsewhere. */
  readonly heldRecords: number;
  readonly recent: readonly string[];
}

async function capOf(pull: StreamPull, doubtful: number): Promise<Cap> {
  if (doubtful === 0) return { cap: 0, heldRecords: 0, recent: [] };
  return lookUp(pull, async (tx) => {
    const limits = await companySetting(tx, 'people');
    const recent = await recentlyUnseen(tx, pull, limits.hours);
    const all = doubtful + recent.length;
    if (all <= limits.records) return { cap: limits.records, heldRecords: 0, recent };
    const heldRecords = await countHeld(tx, pull);
    const share = Math.floor(((heldRecords + recent.length) * limits.recordsPercent) / 100);
    return { cap: Math.max(limits.records, share), heldRecords, recent };
  });
}

/** Of these ids, those that the vendor's own log of deletions does not tell of. */
async function unexplained(
  pull: StreamPull,
  session: ConnectorSession,
  ids: readonly string[],
): Promise<readonly string[]> {
  const told = await readToldDeletions(pull, session, ids);
  return ids.filter((id) => !told.has(id));
}

async function readToldDeletions(
  pull: StreamPull,
  session: ConnectorSession,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const ask = session.deletionsOf?.bind(session);
  return ask === undefined ? new Set() : await readSource(pull, () => ask(pull.stream, ids));
}

/** What was confirmed has ended. Where it ends an account as well, that is told once it is mapped. */
async function endApplied(
  tx: TenantTx,
  pull: StreamPull,
  cleared: readonly SourceRecord[],
): Promise<void> {
  const ids = cleared.map(({ id }) => id);
  const accounts = new Set((await activeAccountsOf(tx, pull, ids)).map((each) => each.recordId));
  const others = ids.filter((id) => !accounts.has(id));
  await endRemovals(tx, pull, others, 'applied');
}

async function release(
  tx: TenantTx,
  { connection, stream }: StreamPull,
  stays: readonly string[],
  before: string | null,
): Promise<void> {
  const withdrawn = await releaseUnseen(tx, { connection, stream, before }, stays);
  if (withdrawn === null) return;
  await appendAudit(tx, {
    actor: 'system:removal-guard',
    action: 'people_hold.withdrawn',
    subject: { type: 'people_hold', id: withdrawn },
    details: { connection, stream },
  });
}

async function hold(
  tx: TenantTx,
  { connection, stream, runId }: StreamPull,
  ids: readonly string[],
  about: { readonly cap: number; readonly heldRecords: number },
): Promise<string> {
  const { id, isNew } = await holdUnseen(tx, { connection, stream, runId }, ids, about);
  if (isNew)
    await appendAudit(tx, {
      actor: 'system:removal-guard',
      action: 'people_hold.opened',
      subject: { type: 'people_hold', id },
      details: { connection, stream, removals: ids.length, ...about },
    });
  return id;
}
