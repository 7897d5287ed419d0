import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { openHold, openHoldOf, withdrawEmptyHold } from '../intake/people-holds.ts';
import {
  clearRemovals,
  countNoticed,
  countRecentRemovals,
  endRemovals,
  holdNoticed,
  noticeRemovals,
  openRemovals,
  type Removal,
  type RemovalPlace,
} from '../intake/removals.ts';
import { switchedOffByUs } from '../delivery/last-written.ts';
import { activeAccountsOf, countActiveAccounts } from '../ledger/account-facts.ts';
import { companySetting } from './company-settings.ts';
import type { Deps } from './deps.ts';
import { mapWork, request } from './request.ts';

/** What a landed record says about accounts now, as far as it could be mapped. */
export interface AccountReading {
  readonly recordId: string;
  /** True for the tombstone of a record that is gone at the source. */
  readonly deleted: boolean;
  /** References of the accounts that it gives as active; null if it could not be mapped to accounts. */
  readonly activeRefs: ReadonlySet<string> | null;
}

/**
 * Which of these records must not be mapped now, because they would end an active account: a removal waits until its
 * run is read to the end, when `decideRemovals` counts how many there are (fault case 76). A record whose active account
 * could not be mapped waits with all else that it says, its seats above all: it may be a removal, and nobody can tell.
 * The caller holds the writer's lock of the connection.
 */
export async function holdBackRemovals(
  tx: TenantTx,
  place: RemovalPlace & { readonly runId: string },
  readings: readonly AccountReading[],
): Promise<ReadonlySet<string>> {
  const ids = readings.map((reading) => reading.recordId);
  const activeNow = Map.groupBy(
    await activeAccountsOf(tx, place, ids),
    (account) => account.recordId,
  );
  const unread = readings.filter(
    (each) => each.activeRefs === null && activeNow.has(each.recordId),
  );
  const told = readings.filter((each) => each.activeRefs !== null).map(idOf);
  const open = await openRemovals(tx, place, told);
  if (activeNow.size === 0 && open.size === 0) return new Set();
  const removals = readings.flatMap(({ recordId, deleted, activeRefs }): Removal[] => {
    const before = activeNow.get(recordId) ?? [];
    if (before.every(({ externalRef }) => activeRefs?.has(externalRef) ?? true)) return [];
    return [{ recordId, kind: deleted ? 'deleted' : 'deactivated' }];
  });
  // What a plan of ours switched off was approved by a person, or is within the cap for seats.
  const own = await switchedOffByUs(tx, place.connection, removals.filter(({ kind }) => kind === 'deactivated').map(idOf)); // prettier-ignore
  const isCleared = ({ recordId }: Removal): boolean =>
    open.get(recordId) === 'cleared' || own.has(recordId);
  const waiting = removals.filter((removal) => !isCleared(removal));
  await noticeRemovals(tx, place, waiting);
  await endRemovals(tx, place, removals.filter(isCleared).map(idOf), 'applied');
  await takeBack(tx, place, new Set(removals.map(idOf)), open);
  return new Set([...waiting, ...unread].map(idOf));
}

const idOf = ({ recordId }: { readonly recordId: string }): string => recordId;

/** The source gives accounts back before they were ended: nothing waits for anybody any more. */
async function takeBack(
  tx: TenantTx,
  place: RemovalPlace,
  removing: ReadonlySet<string>,
  open: ReadonlyMap<string, string>,
): Promise<void> {
  const back = [...open.keys()].filter((id) => !removing.has(id));
  if (back.length === 0) return;
  await endRemovals(tx, place, back, 'withdrawn');
  const hold = await withdrawEmptyHold(tx, place.connection);
  if (hold === null) return;
  await appendAudit(tx, {
    actor: 'system:people-guard',
    action: 'people_hold.withdrawn',
    subject: { type: 'people_hold', id: hold },
    details: { connection: place.connection },
  });
}

/**
 * Decides about the removals that the runs of a connection brought, once these are read and mapped to their ends:
 * up to the company's cap they are mapped, above it all of them wait for a person. While a hold is open, whatever
 * comes joins it. Returns true if records are to be mapped now.
 */
export async function decideRemovals(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  connection: string,
): Promise<boolean> {
  if ((await countNoticed(tx, connection)) === 0) return false;
  await takeTurnDeciding(tx, connection);
  const noticed = await countNoticed(tx, connection);
  if (noticed === 0) return false;
  const open = await openHoldOf(tx, connection);
  if (open !== null) {
    await holdNoticed(tx, connection, open);
    return false;
  }
  const limits = await companySetting(tx, 'people');
  const recent = await countRecentRemovals(tx, connection, limits.hours);
  const activeAccounts = await countActiveAccounts(tx, connection);
  const cap = Math.max(
    limits.people,
    Math.floor(((activeAccounts + recent) * limits.percent) / 100),
  );
  if (noticed + recent > cap) {
    await openHoldFor(tx, { connection, cap, activeAccounts, recent });
    return false;
  }
  await mapCleared(deps, tx, { connection, holdId: null });
  return true;
}

/**
 * Decisions about one connection come one after the other. A lock of its own, taken after the run's row: the writer's
 * lock is taken before it where pages are mapped, so taking that one here would deadlock.
 */
export async function takeTurnDeciding(tx: TenantTx, connection: string): Promise<void> {
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
    `people:${tx.tenantId}:${connection}`,
  ]);
}

async function openHoldFor(
  tx: TenantTx,
  hold: {
    readonly connection: string;
    readonly cap: number;
    readonly activeAccounts: number;
    readonly recent: number;
  },
): Promise<void> {
  const id = await openHold(tx, hold);
  const removals = await holdNoticed(tx, hold.connection, id);
  await appendAudit(tx, {
    actor: 'system:people-guard',
    action: 'people_hold.opened',
    subject: { type: 'people_hold', id },
    details: { ...hold, removals },
  });
}

/** Asks for removals to be mapped that a person, or the cap, lets through. The caller has its turn deciding. */
export async function mapCleared(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  which: { readonly connection: string; readonly holdId: string | null },
): Promise<void> {
  const pages = await clearRemovals(tx, which);
  const work = pages.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber));
  await request(deps, tx, work);
}
