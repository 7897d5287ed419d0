import type { TenantTx } from '../../db/store.ts';
import { daysBetween, type LocalDate } from '../../kernel/dates.ts';
import type { Money } from '../../kernel/money.ts';
import type { Utilisation } from '../kpis.ts';
import { median } from '../series.ts';
import type { Cycle } from './cycles.ts';
import type { RoundContent } from './freeze-round.ts';
import { sumMoney } from './sum-money.ts';

/** A cycle of the series, for the trend. */
export interface CyclePoint {
  readonly cycleId: string;
  readonly period: { readonly from: LocalDate; readonly to: LocalDate };
  readonly status: Cycle['status'];
  readonly asOf: LocalDate;
  readonly lines: number;
  readonly variances: number;
  readonly findings: number;
  readonly trueUpCost: readonly Money[];
}

/** The figures of a cycle. */
export interface CycleKpis {
  readonly cycleId: string;
  readonly utilisation: readonly Utilisation[];
  /** From when something was found, or its task made, to when its task was done (domain c.10); null while none is done. */
  readonly daysToRemediate: { readonly median: number; readonly mean: number } | null;
  /** What was at stake in what is remediated, a currency. */
  readonly saved: readonly Money[];
  /** What is at stake in what is noted or accepted, or not decided. */
  readonly open: readonly Money[];
  readonly tasks: { readonly open: number; readonly overdue: number; readonly done: number };
  /** This cycle and those before it, oldest first, each with its newest figures. */
  readonly trend: readonly CyclePoint[];
}

const LAST = `(select distinct on (d.subject) d.subject, d.decision from cycle_decision d
  where d.cycle_id = $1 and d.round = $2 order by d.subject, d.number desc)`;

/** Adds the figures of a cycle up as of a day. */
export async function cycleKpis(
  tx: TenantTx,
  cycle: Cycle,
  content: RoundContent,
  today: LocalDate,
): Promise<CycleKpis> {
  const stakes = await tx.sql<{ mended: boolean; amount: string | null; currency: string | null }>(
    `select coalesce(l.decision = 'remediated', false) as mended, v.body ->> 'amount' as amount, v.body ->> 'currency' as currency
     from cycle_variance v left join ${LAST} l on l.subject = v.subject where v.cycle_id = $1 and v.round = $2`,
    [cycle.id, cycle.round],
  );
  const tasks = await tx.sql<{ began: string; ended: string | null; overdue: boolean }>(
    `select to_char(coalesce(f.opened_at, t.made_at) at time zone 'UTC', 'YYYY-MM-DD') as began,
       to_char(t.closed_at at time zone 'UTC', 'YYYY-MM-DD') as ended, t.closed_at is null and t.due_at < $2::date as overdue
     from remediation_task t left join finding f on f.tenant_id = t.tenant_id and 'finding:' || f.id = t.subject
     where t.cycle_id = $1`,
    [cycle.id, today],
  );
  const days = tasks.flatMap(({ began, ended }) => (ended === null ? [] : [daysBetween(began, ended)])); // prettier-ignore
  return {
    cycleId: cycle.id,
    utilisation: content.utilisation,
    daysToRemediate: days.length === 0 ? null : middle(days),
    saved: sumMoney(stakes.filter(({ mended }) => mended)),
    open: sumMoney(stakes.filter(({ mended }) => !mended)),
    tasks: {
      open: tasks.length - days.length,
      overdue: tasks.filter(({ overdue }) => overdue).length,
      done: days.length,
    },
    trend: await trendOf(tx, cycle),
  };
}

function middle(days: readonly number[]): { readonly median: number; readonly mean: number } {
  const mean = days.reduce((sum, each) => sum + each, 0) / days.length;
  return { median: median(days), mean: Math.round(mean * 100) / 100 };
}

async function trendOf(tx: TenantTx, cycle: Cycle): Promise<readonly CyclePoint[]> {
  const rows = await tx.sql<
    Pick<CyclePoint, 'cycleId' | 'period' | 'status' | 'asOf' | 'variances'> & {
      readonly content: RoundContent;
    }
  >(
    `select c.id as "cycleId", jsonb_build_object('from', c.period_from, 'to', c.period_to) as period, c.status, r.as_of as "asOf",
       r.content, (select count(*)::int from cycle_variance v
         where v.tenant_id = c.tenant_id and v.cycle_id = c.id and v.round = r.round) as variances
     from reconciliation_cycle c
     join lateral (select * from cycle_round r where r.tenant_id = c.tenant_id and r.cycle_id = c.id and r.content is not null
       order by r.round desc limit 1) r on true
     where c.series_id = $1 and c.period_from <= $2 order by c.period_from`,
    [cycle.seriesId, cycle.period.from],
  );
  return rows.map(({ content, ...point }) => ({
    ...point,
    lines: content.positions.lines,
    findings: content.findings,
    trueUpCost: content.trueUpCost,
  }));
}
