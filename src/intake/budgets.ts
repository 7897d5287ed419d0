import type { TenantTx } from '../db/store.ts';
import type { VendorUsage } from '../sdk/define-connector.ts';
import {
  allowanceOf,
  DEFAULT_BUDGET,
  nextDay,
  readable,
  type Allowance,
  type CallBudget,
  type SeenUsage,
} from './call-allowance.ts';

export type { CallBudget } from './call-allowance.ts';

/** The budget of a connection with what is used of it today. */
export interface BudgetView extends CallBudget {
  readonly connection: string;
  /** Calls of today (UTC), those included that a process has taken and not made yet. */
  readonly usedToday: number;
  /** What reading may use of the daily calls; the rest is kept for closed-won deals. */
  readonly readableCalls: number | null;
  readonly resetsAt: Date;
  readonly vendor: SeenUsage | null;
  /** The fuller of ours and the vendor's; null when neither has a limit. */
  readonly usedRatio: number | null;
}

/** Calls that a process may make until the end of the day that they were taken for. */
export interface CallBlock {
  readonly day: string;
  readonly allowance: Allowance;
  readonly budget: CallBudget;
  readonly used: number;
  /** Milliseconds of the day that are left. */
  readonly lastsMs: number;
}

interface BudgetRow {
  readonly dailyCalls: number | null;
  readonly reservePercent: number;
  readonly concurrency: number | null;
}

/** The budget as it was set, or the default. */
export async function callBudget(tx: TenantTx, connection: string): Promise<CallBudget> {
  const [row] = await tx.sql<BudgetRow>(
    `select b.daily_calls as "dailyCalls", b.reserve_percent as "reservePercent", b.concurrency
     from call_budget b where b.connection = $1`,
    [connection],
  );
  return row ?? DEFAULT_BUDGET;
}

/** Replaces the budget of a connection. It holds for calls that are taken from now on. */
export async function saveBudget(
  tx: TenantTx,
  connection: string,
  budget: CallBudget,
): Promise<void> {
  await tx.run(
    `insert into call_budget (tenant_id, connection, daily_calls, reserve_percent, concurrency) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, connection) do update set daily_calls = excluded.daily_calls,
       reserve_percent = excluded.reserve_percent, concurrency = excluded.concurrency, updated_at = app.clock()`,
    [tx.tenantId, connection, budget.dailyCalls, budget.reservePercent, budget.concurrency],
  );
}

/**
 * Takes a block of calls, or says why there is none. Processes take turns on the row of the day, so what they take
 * together never exceeds the budget.
 */
export async function takeCalls(
  tx: TenantTx,
  connection: string,
  purpose: 'read' | 'closed-won',
): Promise<CallBlock> {
  const now = await tx.clock();
  const day = dayOf(now);
  await tx.run(
    `insert into call_usage (tenant_id, connection, day) values ($1, $2, $3) on conflict do nothing`,
    [tx.tenantId, connection, day],
  );
  const [row] = await tx.sql<{ used: number }>(
    `select u.used from call_usage u where u.connection = $1 and u.day = $2 for update`,
    [connection, day],
  );
  const used = row?.used ?? 0;
  const budget = await callBudget(tx, connection);
  const vendor = await vendorUsage(tx, connection);
  const allowance = allowanceOf({ budget, used, vendor, now }, purpose);
  await tx.run(`update call_usage set used = used + $3 where connection = $1 and day = $2`, [
    connection,
    day,
    allowance.calls,
  ]);
  const lastsMs = nextDay(now).getTime() - now.getTime();
  return { day, allowance, budget, used, lastsMs };
}

/** Gives back calls that were taken and not made. */
export async function returnCalls(
  tx: TenantTx,
  connection: string,
  day: string,
  calls: number,
): Promise<void> {
  await tx.run(
    `update call_usage set used = greatest(0, used - $3) where connection = $1 and day = $2`,
    [connection, day, calls],
  );
}

/** Keeps what the vendor said last of its own count. */
export async function noteVendorUsage(
  tx: TenantTx,
  connection: string,
  usage: VendorUsage,
): Promise<void> {
  await tx.run(
    `insert into vendor_call_usage (tenant_id, connection, used, call_limit) values ($1, $2, $3, $4)
     on conflict (tenant_id, connection) do update
       set used = excluded.used, call_limit = excluded.call_limit, seen_at = app.clock()`,
    [tx.tenantId, connection, usage.used, usage.limit],
  );
}

/** The budget of a connection as a person sees it. */
export async function budgetView(tx: TenantTx, connection: string): Promise<BudgetView> {
  const now = await tx.clock();
  const [row] = await tx.sql<{ used: number }>(
    `select u.used from call_usage u where u.connection = $1 and u.day = $2`,
    [connection, dayOf(now)],
  );
  const budget = await callBudget(tx, connection);
  const vendor = await vendorUsage(tx, connection);
  const usedToday = row?.used ?? 0;
  const { dailyCalls, reservePercent } = budget;
  const ratios = [
    ...(dailyCalls === null ? [] : [usedToday / dailyCalls]),
    ...(vendor === null ? [] : [vendor.used / vendor.limit]),
  ];
  return {
    connection,
    ...budget,
    usedToday,
    readableCalls: dailyCalls === null ? null : readable(dailyCalls, reservePercent),
    resetsAt: nextDay(now),
    vendor,
    usedRatio: ratios.length === 0 ? null : Math.max(...ratios),
  };
}

/** How full the fullest budget of each connector is, of the connections that have a limit. */
export async function fullestBudgets(tx: TenantTx): Promise<Readonly<Record<string, number>>> {
  const now = await tx.clock();
  const rows = await tx.sql<{ connector: string; ratio: number }>(
    `select c.connector, max(greatest(u.used::float8 / b.daily_calls, v.used::float8 / v.call_limit)) as ratio
     from connection c
     left join call_budget b on b.tenant_id = c.tenant_id and b.connection = c.id
     left join call_usage u on u.tenant_id = c.tenant_id and u.connection = c.id and u.day = $1
     left join vendor_call_usage v on v.tenant_id = c.tenant_id and v.connection = c.id
     where c.status <> 'removed' and (b.daily_calls is not null or v.call_limit is not null)
     group by c.connector`,
    [dayOf(now)],
  );
  return Object.fromEntries(rows.map(({ connector, ratio }) => [connector, ratio]));
}

async function vendorUsage(tx: TenantTx, connection: string): Promise<SeenUsage | null> {
  const [row] = await tx.sql<SeenUsage>(
    `select v.used, v.call_limit as "limit", v.seen_at as "seenAt" from vendor_call_usage v where v.connection = $1`,
    [connection],
  );
  return row ?? null;
}

function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}
