import type { TenantTx } from '../db/store.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { dealIdOf, type DealOccurrence } from './deal-occurrences.ts';

/** One closed-won occurrence as kept: it fires once, whatever is delivered or read how often. */
export interface Deal {
  readonly id: string;
  readonly connection: string;
  readonly opportunityRef: string;
  readonly occurrence: number;
  readonly wonAt: Date;
  /** The business day of its first plan that nothing blocked; null before. */
  readonly firstPlannedOn: LocalDate | null;
  readonly state: 'history' | 'won' | 'reopened';
}

const COLUMNS = `d.id, d.connection, d.opportunity_ref as "opportunityRef", d.occurrence, d.won_at as "wonAt",
  d.first_planned_on::text as "firstPlannedOn", d.state`;

/**
 * From which instant of the CRM's clock closed-won acts: the end of the first certified read of its history.
 * What was won before is history, and gives no plan. Set once; returns what holds.
 */
export async function cutOverOf(
  tx: TenantTx,
  connection: string,
  firstRead: string,
): Promise<string> {
  await tx.run(
    `insert into deal_cut_over (tenant_id, connection, cut_over) values ($1, $2, $3) on conflict do nothing`,
    [tx.tenantId, connection, firstRead],
  );
  const [row] = await tx.sql<{ cutOver: string }>(
    `select c.cut_over as "cutOver" from deal_cut_over c where c.connection = $1`,
    [connection],
  );
  return row?.cutOver ?? firstRead;
}

/** The day of the cut-over of a CRM connection; null before its first certified read. */
export async function cutOverDate(tx: TenantTx, connection: string): Promise<string | null> {
  const [row] = await tx.sql<{ cutOver: string }>(
    `select c.cut_over as "cutOver" from deal_cut_over c where c.connection = $1`,
    [connection],
  );
  return row === undefined ? null : row.cutOver.slice(0, 10);
}

/**
 * Keeps the occurrences of one CRM. Returns the deals that are newly won, and those newly reopened, since the last
 * call; each is returned once over all calls that commit.
 */
export async function saveOccurrences(
  tx: TenantTx,
  connection: string,
  cutOver: string,
  found: readonly DealOccurrence[],
): Promise<{ readonly won: readonly Deal[]; readonly reopened: readonly Deal[] }> {
  if (found.length === 0) return { won: [], reopened: [] };
  const rows = found.map((each) => ({
    ...each,
    id: dealIdOf(connection, each),
    state: Date.parse(each.wonAt) < Date.parse(cutOver) ? 'history' : 'won',
  }));
  const made = await tx.sql<Deal>(
    `insert into deal as d (tenant_id, id, connection, opportunity_ref, occurrence, transition_ref, won_at, state)
     select $1, n.id, $2, n."opportunityRef", n.occurrence, n."transitionRef", n."wonAt", n.state
     from jsonb_to_recordset($3::jsonb) as n (id text, "opportunityRef" text, occurrence int, "transitionRef" text,
       "wonAt" timestamptz, state text)
     on conflict do nothing returning ${COLUMNS}`,
    [tx.tenantId, connection, JSON.stringify(rows)],
  );
  const reopened = await tx.sql<Deal>(
    `update deal d set state = 'reopened', reopened_at = n."reopenedAt"
     from jsonb_to_recordset($2::jsonb) as n (id text, "reopenedAt" timestamptz)
     where d.id = n.id and d.connection = $1 and d.state = 'won' and n."reopenedAt" is not null returning ${COLUMNS}`,
    [connection, JSON.stringify(rows)],
  );
  const reopenedIds = new Set(reopened.map((deal) => deal.id));
  return {
    won: made.filter((deal) => deal.state === 'won' && !reopenedIds.has(deal.id)),
    reopened,
  };
}

/** Keeps on which business day a deal could be planned first; later days change nothing. */
export async function markPlanned(tx: TenantTx, id: string, on: LocalDate): Promise<void> {
  await tx.run(
    `update deal d set first_planned_on = $2 where d.id = $1 and d.first_planned_on is null`,
    [id, on],
  );
}

/** Deals that are won now, whose plans may have to be drawn up again. */
export async function wonDeals(tx: TenantTx, connection: string): Promise<readonly Deal[]> {
  return tx.sql<Deal>(
    `select ${COLUMNS} from deal d where d.connection = $1 and d.state = 'won' order by d.id`,
    [connection],
  );
}

/** Deals of one CRM that left their won stage. */
export async function reopenedDeals(tx: TenantTx, connection: string): Promise<readonly Deal[]> {
  return tx.sql<Deal>(
    `select ${COLUMNS} from deal d where d.connection = $1 and d.state = 'reopened' order by d.id`,
    [connection],
  );
}

/** Which of some deals left their won stage. */
export async function reopenedAmong(
  tx: TenantTx,
  dealIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select d.id from deal d where d.id = any($1) and d.state = 'reopened'`,
    [[...dealIds]],
  );
  return rows.map((row) => row.id);
}

/** Deals of one opportunity, first occurrence first: for `trace`. */
export async function dealsOf(tx: TenantTx, opportunityRef: string): Promise<readonly Deal[]> {
  return tx.sql<Deal>(
    `select ${COLUMNS} from deal d where d.opportunity_ref = $1 order by d.occurrence`,
    [opportunityRef],
  );
}

/** One deal by id, or null. */
export async function findDeal(tx: TenantTx, id: string): Promise<Deal | null> {
  const [row] = await tx.sql<Deal>(`select ${COLUMNS} from deal d where d.id = $1`, [id]);
  return row ?? null;
}
