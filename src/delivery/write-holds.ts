import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { addMoney, type Money } from '../kernel/money.ts';
import { DROPPED } from './drop-unsent.ts';
import { INTENT_COLUMNS, type Intent } from './intents.ts';
import { PLAN_COLUMNS, type Plan } from './plans.ts';
import type { Target } from './target.ts';

/** What changes records in other systems in runs. */
export type WriteSource =
  | 'deals'
  | 'entitlements'
  | 'renewals'
  | 'reconciliation'
  | 'roll-back'
  | 'statuses';

/** What a run would do. */
export interface RunCount {
  /** Records that are there already and would be changed, and how many there are of their objects. */
  readonly changed: number;
  readonly standing: number;
  readonly made: number;
  readonly money: readonly Money[];
}

/** A run that would do more than the company allows. */
export interface WriteHold {
  readonly id: string;
  readonly source: WriteSource;
  readonly status: 'open' | 'released' | 'rejected';
  /** Which caps it is over, in words. */
  readonly reasons: readonly string[];
  readonly counted: RunCount;
  /** Covers the hold, its writes and its plans: what a release binds to. Another one as soon as any of them is. */
  readonly hash: string;
  /** What waits in it: writes, and plans. */
  readonly intents: number;
  readonly plans: number;
  readonly openedAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
}

const COLUMNS = `h.id, h.source, h.status, h.reasons, h.counted, h.opened_at as "openedAt", h.decided_at as "decidedAt",
  h.decided_by as "decidedBy", h.reason,
  encode(sha256(convert_to(h.id
    || coalesce((select string_agg(' ' || i.id || ':' || i.payload_hash, '' order by i.id) from intent i
      where i.tenant_id = h.tenant_id and i.hold_id = h.id and (i.held_back or h.status <> 'open')), '')
    || coalesce((select string_agg(' ' || p.id || ':' || p.hash, '' order by p.id) from plan p
      where p.tenant_id = h.tenant_id and p.hold_id = h.id and (p.status = 'waiting' or h.status <> 'open')), ''),
    'UTF8')), 'hex') as hash,
  (select count(*)::int from intent i where i.tenant_id = h.tenant_id and i.hold_id = h.id and (i.held_back or h.status <> 'open')) as intents,
  (select count(*)::int from plan p where p.tenant_id = h.tenant_id and p.hold_id = h.id) as plans`;

/** Opens a hold of a source, or adds what a run would do to the one that is open, and the caps that it is over. */
export async function openHold(
  tx: TenantTx,
  hold: Pick<WriteHold, 'source' | 'reasons' | 'counted'>,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const id = newId('hld');
  const made = await tx.run(
    `insert into write_hold (tenant_id, id, source, reasons, counted) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, source) where status = 'open' do nothing`,
    [tx.tenantId, id, hold.source, JSON.stringify(hold.reasons), JSON.stringify(hold.counted)],
  );
  if (made > 0) return { id, isNew: true };
  const open = await openHoldOf(tx, hold.source);
  // Decided between the two statements: what this run would do is a hold of its own.
  if (open === null) return openHold(tx, hold);
  const reasons = new Set([...open.reasons, ...hold.reasons]);
  const counted = sumCounts(open.counted, hold.counted);
  await tx.run(`update write_hold h set reasons = $2, counted = $3 where h.id = $1`, [
    open.id,
    JSON.stringify([...reasons]),
    JSON.stringify(counted),
  ]);
  return { id: open.id, isNew: false };
}

/** What two runs would do together. How many records stand is not theirs: the larger number holds. Pure. */
export function sumCounts(one: RunCount, other: RunCount): RunCount {
  const money = new Map(one.money.map((sum) => [sum.currency, sum]));
  for (const sum of other.money) {
    const before = money.get(sum.currency);
    money.set(sum.currency, before === undefined ? sum : addMoney(before, sum));
  }
  return {
    changed: one.changed + other.changed,
    standing: Math.max(one.standing, other.standing),
    made: one.made + other.made,
    money: [...money.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1)),
  };
}

/** The open hold of a source, or null. Locked: nobody decides it while a run adds to it. */
export async function openHoldOf(
  tx: TenantTx,
  source: WriteSource,
): Promise<Pick<WriteHold, 'id' | 'reasons' | 'counted'> | null> {
  const [row] = await tx.sql<Pick<WriteHold, 'id' | 'reasons' | 'counted'>>(
    `select h.id, h.reasons, h.counted from write_hold h where h.source = $1 and h.status = 'open' for update`,
    [source],
  );
  return row ?? null;
}

/** Which of these records have a write that a hold keeps back. */
export async function heldRecords(
  tx: TenantTx,
  externalIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ id: string }>(
    `select distinct i.external_id as id from intent i where i.external_id = any($1) and i.held_back and i.state in ('PLANNED', 'UNKNOWN')
       and exists (select from write_hold h where h.tenant_id = i.tenant_id and h.id = i.hold_id and h.status = 'open')
       and i.error ->> 'code' is distinct from 'waits_for_mode'`,
    [[...externalIds]],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Keeps the newest, not yet leased intents of these records back. In the transaction that planned them. */
export async function holdBack(
  tx: TenantTx,
  holdId: string,
  externalIds: readonly string[],
): Promise<number> {
  return tx.run(
    `update intent i set hold_id = $1, held_back = true where i.external_id = any($2) and i.state = 'PLANNED' and i.sent_at is null`,
    [holdId, [...externalIds]],
  );
}

/** Holds, newest first. */
export async function listWriteHolds(
  tx: TenantTx,
  filter: {
    readonly status?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly WriteHold[]> {
  return tx.sql<WriteHold>(
    `select ${COLUMNS} from write_hold h where ($1::text is null or h.status = $1) and ($2::text is null or h.id < $2)
     order by h.id desc limit $3`,
    [filter.status ?? null, filter.before ?? null, filter.limit],
  );
}

/** One hold, locked where it is to be decided. Throws NotFoundError. */
export async function getWriteHold(
  tx: TenantTx,
  id: string,
  lock: '' | 'for update' = '',
): Promise<WriteHold> {
  // Locked first and read then: what a statement reads beside the row that it waits for is from before the wait.
  if (lock !== '') await tx.sql(`select h.id from write_hold h where h.id = $1 ${lock}`, [id]);
  const [row] = await tx.sql<WriteHold>(`select ${COLUMNS} from write_hold h where h.id = $1`, [
    id,
  ]);
  if (row === undefined)
    throw new NotFoundError(
      `There is no hold "${id}". \`trueup holds list\` shows those there are.`,
    );
  return row;
}

/** The writes of a hold, by record. */
export async function intentsOfHold(
  tx: TenantTx,
  id: string,
  limit: number,
): Promise<readonly Intent[]> {
  return tx.sql<Intent>(
    `select ${INTENT_COLUMNS} from intent i where i.hold_id = $1 order by i.connection, i.object, i.external_id, i.revision limit $2`,
    [id, limit],
  );
}

/** The plans of a hold, newest first: all of them, for whoever decides the hold decides each, or so many to be shown. */
export async function plansOfHold<Body>(
  tx: TenantTx,
  id: string,
  most: number | null = null,
): Promise<readonly Plan<Body>[]> {
  return tx.sql<Plan<Body>>(
    `select ${PLAN_COLUMNS} from plan p where p.hold_id = $1 order by p.id desc limit $2`,
    [id, most],
  );
}

/** On a write of a hold that was rejected, in SQL. */
export const REJECTED = `jsonb_build_object('code', '${DROPPED}', 'message', 'The run that it was part of was rejected.')`;

/**
 * Lets the writes of a hold go, or drops those that are not sent; one that a restored ledger doubts is dropped once its
 * system has said that it is not there. Returns where there is something to send.
 */
export async function settleHold(
  tx: TenantTx,
  decision: {
    readonly id: string;
    readonly status: 'released' | 'rejected';
    readonly by: string;
    readonly reason: string | null;
  },
): Promise<readonly Target[]> {
  const { id, status, by, reason } = decision;
  await tx.run(
    `update write_hold h set status = $2, decided_at = app.clock(), decided_by = $3, reason = $4 where h.id = $1`,
    [id, status, by, reason],
  );
  if (status === 'rejected') {
    await tx.run(
      `update intent i set state = 'SUPERSEDED', settled_at = app.clock(), fence = i.fence + 1, held_back = false, error = ${REJECTED}
       where i.hold_id = $1 and i.held_back and i.state = 'PLANNED'`,
      [id],
    );
    return [];
  }
  const rows = await tx.sql<Target>(
    `update intent i set held_back = false where i.hold_id = $1 and i.held_back returning i.connection, i.object`,
    [id],
  );
  return [...new Map(rows.map((row) => [`${row.connection}/${row.object}`, row])).values()];
}
