import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';

/**
 * A mass deactivation that waits for a person, or what a person decided about it. `records`: records of one stream that
 * the source stopped showing, all at once.
 */
export interface PeopleHold {
  readonly id: string;
  readonly kind: 'accounts' | 'records';
  readonly connection: string;
  /** Null for accounts. */
  readonly stream: string | null;
  readonly status: 'open' | 'confirmed' | 'rejected' | 'withdrawn';
  /** Removals that were allowed, and active accounts of the connection, when it was opened. */
  readonly cap: number;
  readonly activeAccounts: number;
  /** Records that the stream held when it was opened; null for accounts. */
  readonly heldRecords: number | null;
  /** Removals in it, without those that the source took back. */
  readonly removals: number;
  readonly openedAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
}

/** One record of a hold. */
export interface HeldRemoval {
  readonly stream: string;
  readonly recordId: string;
  readonly kind: 'deactivated' | 'deleted' | 'unseen';
  readonly status: 'held' | 'cleared' | 'kept' | 'applied' | 'withdrawn';
  readonly runId: string;
}

const COLUMNS = `h.id, h.kind, h.connection, nullif(h.stream, '') as stream, h.held_records as "heldRecords", h.status, h.cap, h.active_accounts as "activeAccounts", h.opened_at as "openedAt",
  h.decided_at as "decidedAt", h.decided_by as "decidedBy", (select count(*)::int from people_removal r
    where r.hold_id = h.id and r.status <> 'withdrawn') as removals`;

/** The open hold of a connection's accounts, if there is one. */
export async function openHoldOf(tx: TenantTx, connection: string): Promise<string | null> {
  const [row] = await tx.sql<{ id: string }>(
    `select h.id from people_hold h where h.connection = $1 and h.kind = 'accounts' and h.status = 'open'`,
    [connection],
  );
  return row?.id ?? null;
}

/** Opens a hold of accounts and returns its id. */
export async function openHold(
  tx: TenantTx,
  hold: Pick<PeopleHold, 'connection' | 'cap' | 'activeAccounts'>,
): Promise<string> {
  const id = newId('hld');
  await tx.run(
    `insert into people_hold (tenant_id, id, connection, cap, active_accounts) values ($1, $2, $3, $4, $5)`,
    [tx.tenantId, id, hold.connection, hold.cap, hold.activeAccounts],
  );
  return id;
}

/** Holds, newest first. */
export async function listHolds(
  tx: TenantTx,
  filter: {
    readonly status?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly PeopleHold[]> {
  return tx.sql<PeopleHold>(
    `select ${COLUMNS} from people_hold h
     where ($1::text is null or h.status = $1) and ($2::text is null or h.id < $2) order by h.id desc limit $3`,
    [filter.status ?? null, filter.before ?? null, filter.limit],
  );
}

/** How many holds wait for a person. */
export async function countOpenHolds(tx: TenantTx): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from people_hold h where h.status = 'open'`,
  );
  return row?.count ?? 0;
}

/** One hold, locked until the transaction ends if it is to be decided. Throws NotFoundError. */
export async function getHold(
  tx: TenantTx,
  id: string,
  lock: '' | 'for update' = '',
): Promise<PeopleHold> {
  const [row] = await tx.sql<PeopleHold>(
    `select ${COLUMNS} from people_hold h where h.id = $1 ${lock}`,
    [id],
  );
  if (row === undefined) {
    throw new NotFoundError(
      `There is no hold "${id}". \`trueup people holds\` shows those there are.`,
    );
  }
  return row;
}

/** The records of a hold, in the order of their ids, at most 500. */
export async function removalsOf(tx: TenantTx, holdId: string): Promise<readonly HeldRemoval[]> {
  return tx.sql<HeldRemoval>(
    `select r.stream, r.record_id as "recordId", r.kind, r.status, r.run_id as "runId" from people_removal r
     where r.hold_id = $1 order by r.record_id, r.stream limit 500`,
    [holdId],
  );
}

/** Writes down what a person decided about a hold. */
export async function endHold(
  tx: TenantTx,
  id: string,
  status: 'confirmed' | 'rejected',
  decidedBy: string,
): Promise<void> {
  await tx.run(
    `update people_hold set status = $2, decided_at = app.clock(), decided_by = $3 where id = $1`,
    [id, status, decidedBy],
  );
}

/** Closes the open hold of a connection's accounts once the source has taken back everything in it. Returns its id if it did. */
export async function withdrawEmptyHold(tx: TenantTx, connection: string): Promise<string | null> {
  const [row] = await tx.sql<{ id: string }>(
    `update people_hold h set status = 'withdrawn', decided_at = app.clock()
     where h.connection = $1 and h.kind = 'accounts' and h.status = 'open'
       and not exists (select from people_removal r where r.hold_id = h.id and r.status = 'held') returning h.id`,
    [connection],
  );
  return row?.id ?? null;
}
