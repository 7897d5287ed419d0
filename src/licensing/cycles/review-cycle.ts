import type { TenantTx } from '../../db/store.ts';
import { StaleError, ValidationError } from '../../kernel/errors.ts';
import type { CycleRecord } from './cycle-record.ts';
import { moveCycle, noteStep, openRound, variancesOf, type Cycle } from './cycles.ts';

export type Decision = CycleRecord['decisions'][number]['decision'];

/** What somebody decides about some variances, or about all of a kind that nobody decided about yet. */
export interface Review {
  readonly subjects: readonly string[];
  /** Instead of subjects: all without a decision, of this kind unless it is null. */
  readonly rest: { readonly kind: string | null } | null;
  readonly decision: Decision;
  readonly reason: string | null;
  readonly by: string;
}

/**
 * Keeps a decision about variances of the present round and says about which. Throws ValidationError for a subject that is none of
 * its variances, for what stays open without a reason, and for a remedy that nothing proves; StaleError once somebody signed.
 */
export async function reviewCycle(
  tx: TenantTx,
  cycle: Cycle,
  review: Review,
): Promise<readonly string[]> {
  const { decision, reason, by } = review;
  if (openRound(cycle).statement !== null)
    throw new StaleError(
      `Somebody has signed the cycle ${cycle.id} as it is. To decide anew, reopen it with: trueup cycles reopen ${cycle.id} --reason …`,
    );
  if (decision !== 'remediated' && reason === null)
    throw new ValidationError('What is noted or accepted stays as it is: say why.');
  const subjects = await subjectsOf(tx, cycle, review);
  if (decision === 'remediated') await requireProof(tx, cycle, subjects);
  await tx.run(
    `insert into cycle_decision (tenant_id, cycle_id, round, subject, number, decision, reason, decided_by)
     select $1, $2, $3, w.subject, coalesce(
       (select max(d.number) from cycle_decision d where d.cycle_id = $2 and d.round = $3 and d.subject = w.subject), 0) + 1, $5, $6, $7
     from unnest($4::text[]) as w (subject)`,
    [tx.tenantId, cycle.id, cycle.round, [...subjects], decision, reason, by],
  );
  if (cycle.status === 'computed') await moveCycle(tx, cycle.id, { status: 'in_review' });
  await noteStep(tx, cycle, { step: `${decision} ${subjects.length}`, by, reason });
  return subjects;
}

async function subjectsOf(tx: TenantTx, cycle: Cycle, review: Review): Promise<readonly string[]> {
  const { rest } = review;
  const variances = await variancesOf(tx, cycle);
  if (rest !== null) {
    const open = new Set(await undecided(tx, cycle));
    const wanted = variances
      .filter(({ kind, subject }) => open.has(subject) && (rest.kind ?? kind) === kind)
      .map(({ subject }) => subject);
    if (wanted.length > 0) return wanted;
    throw new ValidationError('Nothing of that kind waits for a decision.');
  }
  const known = new Set(variances.map(({ subject }) => subject));
  const subjects = [...new Set(review.subjects)];
  const strange = subjects.find((subject) => !known.has(subject));
  if (subjects.length > 0 && strange === undefined) return subjects;
  throw new ValidationError(
    strange === undefined
      ? 'Name what is decided about: variances by their subjects, or all that wait.'
      : `"${strange}" is no variance of the cycle ${cycle.id}. See them with: trueup cycles show ${cycle.id}`,
  );
}

/** What is said to be mended has a finished task of this cycle, or a finding that a later run no longer made. */
async function requireProof(
  tx: TenantTx,
  cycle: Cycle,
  subjects: readonly string[],
): Promise<void> {
  const rows = await tx.sql<{ readonly subject: string }>(
    `select w.subject from unnest($2::text[]) as w (subject)
     where not exists (select from remediation_task t where t.cycle_id = $1 and t.subject = w.subject and t.closed_at is not null)
       and not exists (select from finding f where 'finding:' || f.id = w.subject and f.status = 'resolved')
     order by w.subject limit 1`,
    [cycle.id, [...subjects]],
  );
  if (rows[0] === undefined) return;
  throw new ValidationError(
    `Nothing proves that ${rows[0].subject} is mended: no task about it is done, and no reconciliation saw it gone. Make a task with "trueup cycles tasks add", or note it with a reason.`,
  );
}

/** Variances of the present round about which nobody decided, by subject. */
export async function undecided(
  tx: TenantTx,
  cycle: Pick<Cycle, 'id' | 'round'>,
): Promise<readonly string[]> {
  const rows = await tx.sql<{ readonly subject: string }>(
    `select v.subject from cycle_variance v where v.cycle_id = $1 and v.round = $2
       and not exists (select from cycle_decision d where d.cycle_id = v.cycle_id and d.round = v.round and d.subject = v.subject)
     order by v.subject`,
    [cycle.id, cycle.round],
  );
  return rows.map(({ subject }) => subject);
}
