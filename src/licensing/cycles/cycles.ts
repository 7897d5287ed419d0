import type { ReconciliationCycle } from '../../canonical/reconciliation-cycle.ts';
import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { NotFoundError, StaleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Frequency } from './cycle-period.ts';
import type { CycleScope } from './cycle-record.ts';
import type { CycleVariance, RoundContent } from './freeze-round.ts';
import type { GateStream } from './gate.ts';

type CycleStatus = ReconciliationCycle['status'];

/** The computation of a cycle that counts now. */
export interface CycleRound {
  readonly runId: string;
  readonly asOf: LocalDate;
  readonly knownAt: Date;
  readonly gate: readonly GateStream[];
  readonly gateReason: string | null;
  readonly askedBy: string;
  readonly askedAt: Date;
  /** Null while its run is being computed. */
  readonly computedAt: Date | null;
  readonly content: RoundContent | null;
  /** From the first signature on. */
  readonly statement: string | null;
  readonly statementHash: string | null;
  readonly signedOffAt: Date | null;
}

/** A cycle as it stands. */
export interface Cycle {
  readonly id: string;
  /** The first cycle of those that follow each other. */
  readonly seriesId: string;
  readonly name: string;
  readonly scope: CycleScope;
  readonly frequency: Frequency;
  readonly anchorDay: number;
  /** Half-open. */
  readonly period: { readonly from: LocalDate; readonly to: LocalDate };
  readonly owner: string;
  readonly status: CycleStatus;
  /** The number of its present computation; 0 before the first. */
  readonly round: number;
  readonly openedBy: string;
  readonly openedAt: Date;
  readonly now: CycleRound | null;
}

const COLUMNS = `c.id, c.series_id as "seriesId", c.name, jsonb_build_object('kind', c.scope_kind, 'ref', c.scope_ref) as scope,
  c.frequency, c.anchor_day as "anchorDay", jsonb_build_object('from', c.period_from, 'to', c.period_to) as period, c.owner,
  c.status, c.round, c.opened_by as "openedBy", c.opened_at as "openedAt", r.run_id as "runId", r.as_of as "asOf",
  r.known_at as "knownAt", r.gate, r.gate_reason as "gateReason", r.asked_by as "askedBy", r.asked_at as "askedAt",
  r.computed_at as "computedAt", r.content, r.statement, r.statement_hash as "statementHash", r.signed_off_at as "signedOffAt"`;
const JOINED = `reconciliation_cycle c left join cycle_round r
  on r.tenant_id = c.tenant_id and r.cycle_id = c.id and r.round = c.round`;

type Row = Omit<Cycle, 'now'> & { readonly [Name in keyof CycleRound]: CycleRound[Name] | null };

function toCycle(row: Row): Cycle {
  const { id, seriesId, name, scope, frequency, anchorDay, period, owner, status, round, openedBy, openedAt, ...now } = row; // prettier-ignore
  const head = { id, seriesId, name, scope, frequency, anchorDay, period, owner, status, round, openedBy, openedAt }; // prettier-ignore
  // Every column of a round that is there is there; those that may be empty may be empty in a round, too.
  return { ...head, now: now.runId === null ? null : (now as CycleRound) };
}

/** Keeps a new cycle that collects. `follows`: the series whose next one it is. Returns its id. */
export async function keepCycle(
  tx: TenantTx,
  cycle: Pick<Cycle, 'name' | 'scope' | 'frequency' | 'anchorDay' | 'period' | 'owner'> & {
    readonly follows: string | null;
    readonly by: string;
  },
): Promise<string> {
  const id = newId('cyc');
  const { name, scope, frequency, anchorDay, period, owner, follows, by } = cycle;
  await tx.run(
    `insert into reconciliation_cycle (tenant_id, id, series_id, name, scope_kind, scope_ref, frequency, anchor_day,
       period_from, period_to, owner, opened_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tx.tenantId,
      id,
      follows ?? id,
      name,
      scope.kind,
      scope.ref,
      frequency,
      anchorDay,
      period.from,
      period.to,
      owner,
      by,
    ],
  );
  await noteStep(tx, { id, round: 0 }, { step: 'opened', by, reason: null });
  return id;
}

/** One cycle; `lock` while something is done with it. Throws NotFoundError. */
export async function getCycle(tx: TenantTx, id: string, lock = false): Promise<Cycle> {
  const [row] = await tx.sql<Row>(
    `select ${COLUMNS} from ${JOINED} where c.id = $1 ${lock ? 'for update of c' : ''}`,
    [id],
  );
  if (row !== undefined) return toCycle(row);
  throw new NotFoundError(
    `There is no reconciliation cycle "${id}". \`trueup cycles list\` shows those there are.`,
  );
}

/** Cycles, newest first. */
export async function listCycles(
  tx: TenantTx,
  filter: {
    readonly status?: CycleStatus | undefined;
    readonly seriesId?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Cycle[]> {
  const rows = await tx.sql<Row>(
    `select ${COLUMNS} from ${JOINED} where ($1::text is null or c.status = $1) and ($2::text is null or c.series_id = $2)
       and ($3::text is null or c.id < $3) order by c.id desc limit $4`,
    [filter.status ?? null, filter.seriesId ?? null, filter.before ?? null, filter.limit],
  );
  return rows.map(toCycle);
}

/**
 * Signed cycles whose period is over and that nothing follows yet, locked, so that two looks at once open one next cycle.
 */
export async function cyclesToFollow(tx: TenantTx, today: LocalDate): Promise<readonly Cycle[]> {
  const rows = await tx.sql<Row>(
    `select ${COLUMNS} from ${JOINED} where c.status = 'signed_off' and c.frequency <> 'once' and c.period_to <= $1
       and not exists (select from reconciliation_cycle n where n.series_id = c.series_id and n.period_from >= c.period_to)
     order by c.id for update of c skip locked`,
    [today],
  );
  return rows.map(toCycle);
}

/** Says in a cycle's own history what somebody did. */
export async function noteStep(
  tx: TenantTx,
  cycle: Pick<Cycle, 'id' | 'round'>,
  what: { readonly step: string; readonly by: string; readonly reason: string | null },
): Promise<void> {
  await tx.run(
    `insert into cycle_step (tenant_id, cycle_id, number, round, step, done_by, reason)
     select $1, $2, coalesce(max(h.number), 0) + 1, $3, $4, $5, $6 from cycle_step h where h.cycle_id = $2`,
    [tx.tenantId, cycle.id, cycle.round, what.step, what.by, what.reason],
  );
}

/** Moves a cycle on. */
export async function moveCycle(
  tx: TenantTx,
  id: string,
  to: { readonly status: CycleStatus; readonly round?: number },
): Promise<void> {
  await tx.run(
    'update reconciliation_cycle set status = $2, round = coalesce($3, round) where id = $1',
    [id, to.status, to.round ?? null],
  );
}

/** The round of a cycle in which something can be decided or signed. Throws StaleError where there is none. */
export function openRound(cycle: Cycle): CycleRound & { readonly content: RoundContent } {
  const { id, status, now } = cycle;
  const content = now?.content ?? null;
  if ((status === 'computed' || status === 'in_review') && now !== null && content !== null)
    return { ...now, content };
  throw new StaleError(
    status === 'signed_off'
      ? `The cycle ${id} is signed off. To change anything, reopen it with: trueup cycles reopen ${id} --reason …`
      : `The cycle ${id} waits for its figures. Compute them with: trueup cycles compute ${id}`,
  );
}

/** What did not agree in the present round. */
export async function variancesOf(
  tx: TenantTx,
  cycle: Pick<Cycle, 'id' | 'round'>,
): Promise<readonly CycleVariance[]> {
  const rows = await tx.sql<{ readonly body: CycleVariance }>(
    `select v.body from cycle_variance v where v.cycle_id = $1 and v.round = $2 order by v.subject`,
    [cycle.id, cycle.round],
  );
  return rows.map(({ body }) => body);
}
