import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { StaleError } from '../../kernel/errors.ts';
import { getCycle, moveCycle, noteStep, type Cycle } from './cycles.ts';
import type { CycleVariance, RoundContent } from './freeze-round.ts';
import type { GateStream } from './gate.ts';

/** Throws StaleError unless figures may be computed: before the review, or once it was reopened. */
export function requireComputable({ id, status, now }: Cycle): void {
  const open = status === 'collecting' || status === 'reopened' || status === 'computed';
  if (open && (status === 'reopened' || (now?.statement ?? null) === null)) return;
  throw new StaleError(
    `The cycle ${id} is ${status.replace('_', ' ')}. Its figures stay; for new ones, reopen it with: trueup cycles reopen ${id} --reason …`,
  );
}

/**
 * Notes that a run was asked for. What was computed before stays as a round of its own; a run that was asked for and never came is
 * given up. The cycle must be locked. Throws StaleError.
 */
export async function askRound(
  tx: TenantTx,
  cycle: Cycle,
  asked: {
    readonly runId: string;
    readonly asOf: LocalDate;
    readonly knownAt: Date;
    readonly gate: readonly GateStream[];
    readonly gateReason: string | null;
    readonly by: string;
  },
): Promise<void> {
  requireComputable(cycle);
  const { runId, asOf, knownAt, gate, gateReason, by } = asked;
  const given = cycle.now !== null && cycle.now.computedAt === null;
  const round = given ? cycle.round : cycle.round + 1;
  await tx.run(
    `delete from cycle_round where cycle_id = $1 and round = $2 and computed_at is null`,
    [cycle.id, round],
  );
  await tx.run(
    `insert into cycle_round (tenant_id, cycle_id, round, run_id, as_of, known_at, gate, gate_reason, asked_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [tx.tenantId, cycle.id, round, runId, asOf, knownAt, JSON.stringify(gate), gateReason, by],
  );
  const status = cycle.status === 'computed' ? 'collecting' : cycle.status;
  await moveCycle(tx, cycle.id, { status, round });
  await noteStep(tx, { id: cycle.id, round }, { step: 'compute_asked', by, reason: gateReason });
}

/** The cycle that waits for a run, locked if something is to be done with it; null where none does. */
export async function awaitingRun(
  tx: TenantTx,
  runId: string,
  lock: boolean,
): Promise<Cycle | null> {
  const [row] = await tx.sql<{ readonly id: string }>(
    `select r.cycle_id as id from cycle_round r where r.run_id = $1 and r.computed_at is null`,
    [runId],
  );
  if (row === undefined) return null;
  const cycle = await getCycle(tx, row.id, lock);
  return cycle.now?.runId === runId && cycle.now.computedAt === null ? cycle : null;
}

/** Keeps what the run of a cycle found; from now on it can be reviewed. */
export async function keepRound(
  tx: TenantTx,
  cycle: Cycle,
  found: { readonly content: RoundContent; readonly variances: readonly CycleVariance[] },
): Promise<void> {
  const { id, round } = cycle;
  await tx.run(
    `update cycle_round set computed_at = app.clock(), content = $3 where cycle_id = $1 and round = $2`,
    [id, round, JSON.stringify(found.content)],
  );
  await tx.run(
    `insert into cycle_variance (tenant_id, cycle_id, round, subject, body)
     select $1, $2, $3, v ->> 'subject', v from jsonb_array_elements($4::jsonb) v`,
    [tx.tenantId, id, round, JSON.stringify(found.variances)],
  );
  await moveCycle(tx, id, { status: 'computed' });
  await noteStep(tx, cycle, { step: 'computed', by: cycle.now?.askedBy ?? 'system:reconcile', reason: null }); // prettier-ignore
}

/** Opens a cycle again: its round stays with decisions and signatures, and the next figures are a new one. Throws StaleError. */
export async function reopenCycle(
  tx: TenantTx,
  cycle: Cycle,
  word: { readonly by: string; readonly reason: string },
): Promise<void> {
  if (cycle.status !== 'signed_off' && cycle.status !== 'in_review')
    throw new StaleError(
      `The cycle ${cycle.id} is ${cycle.status.replace('_', ' ')}: there is no review to reopen. Compute it with: trueup cycles compute ${cycle.id}`,
    );
  await moveCycle(tx, cycle.id, { status: 'reopened' });
  await noteStep(tx, cycle, { step: 'reopened', ...word });
}
