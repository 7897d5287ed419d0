import type { TenantTx } from '../db/store.ts';
import { NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';

export type PlanStatus =
  | 'blocked'
  | 'waiting'
  | 'approved'
  | 'applying'
  | 'applied'
  | 'stale'
  | 'superseded';

/** One cross-system change as a whole. `body` is the room's that drew it up; `hash` covers effects and inputs. */
export interface Plan<Body> {
  readonly id: string;
  readonly kind: 'closed_won' | 'reopen';
  /** What it is about: the deal. */
  readonly subject: string;
  readonly hash: string;
  readonly status: PlanStatus;
  readonly body: Body;
  readonly createdAt: Date;
  readonly approvedBy: string | null;
  readonly approvedHash: string | null;
  readonly approvedAt: Date | null;
  readonly appliedAt: Date | null;
}

const COLUMNS = `p.id, p.kind, p.subject, p.hash, p.status, p.body, p.created_at as "createdAt",
  p.approved_by as "approvedBy", p.approved_hash as "approvedHash", p.approved_at as "approvedAt",
  p.applied_at as "appliedAt"`;

/** Who approves a plan that nobody need look at. */
export const POLICY_APPROVER = 'policy';

/**
 * Keeps a plan. The same change (subject, kind, hash) is kept once; an older, unapplied plan about the same
 * subject is superseded. `approvedByPolicy` says that no person need look at it.
 */
export async function savePlan<Body>(
  tx: TenantTx,
  draft: Pick<Plan<Body>, 'kind' | 'subject' | 'hash' | 'body'> & {
    readonly blocked: boolean;
    readonly approvedByPolicy: boolean;
  },
): Promise<{ readonly plan: Plan<Body>; readonly isNew: boolean }> {
  await tx.run(
    `update plan p set status = 'superseded' where p.subject = $1 and p.hash <> $2 and p.status in ('blocked', 'waiting', 'approved', 'stale')`,
    [draft.subject, draft.hash],
  );
  const status = draft.blocked ? 'blocked' : draft.approvedByPolicy ? 'approved' : 'waiting';
  const [made] = await tx.sql<Plan<Body>>(
    `insert into plan as p (tenant_id, id, kind, subject, hash, status, body, approved_by, approved_hash, approved_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $8::text is null then null else app.clock() end)
     on conflict (tenant_id, subject, kind, hash) do nothing returning ${COLUMNS}`,
    [
      tx.tenantId,
      newId('pln'),
      draft.kind,
      draft.subject,
      draft.hash,
      status,
      JSON.stringify(draft.body),
      status === 'approved' ? POLICY_APPROVER : null,
      status === 'approved' ? draft.hash : null,
    ],
  );
  if (made !== undefined) return { plan: made, isNew: true };
  const [kept] = await tx.sql<Plan<Body>>(
    `update plan p set status = case when p.status in ('superseded', 'stale') then $4 else p.status end
     where p.subject = $1 and p.kind = $2 and p.hash = $3 returning ${COLUMNS}`,
    [draft.subject, draft.kind, draft.hash, status],
  );
  if (kept === undefined)
    throw new NotFoundError(`The plan of ${draft.subject} vanished while it was saved.`);
  return { plan: kept, isNew: false };
}

/** Plans, newest first. */
export async function listPlans<Body>(
  tx: TenantTx,
  filter: {
    readonly status?: string | undefined;
    readonly subject?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Plan<Body>[]> {
  return tx.sql<Plan<Body>>(
    `select ${COLUMNS} from plan p
     where ($1::text is null or p.status = $1) and ($2::text is null or p.subject = $2) and ($3::text is null or p.id < $3)
     order by p.id desc limit $4`,
    [filter.status ?? null, filter.subject ?? null, filter.before ?? null, filter.limit],
  );
}

/** The newest plan about a subject in one of these states, or null. */
export async function latestPlanOf<Body>(
  tx: TenantTx,
  subject: string,
  statuses: readonly PlanStatus[],
): Promise<Plan<Body> | null> {
  const [row] = await tx.sql<Plan<Body>>(
    `select ${COLUMNS} from plan p where p.subject = $1 and p.status = any($2) order by p.id desc limit 1`,
    [subject, [...statuses]],
  );
  return row ?? null;
}

/** One plan, or null. */
export async function findPlan<Body>(tx: TenantTx, id: string): Promise<Plan<Body> | null> {
  const [row] = await tx.sql<Plan<Body>>(`select ${COLUMNS} from plan p where p.id = $1`, [id]);
  return row ?? null;
}

/** One plan. Throws NotFoundError. */
export async function getPlan<Body>(tx: TenantTx, id: string): Promise<Plan<Body>> {
  const row = await findPlan<Body>(tx, id);
  if (row === null)
    throw new NotFoundError(
      `There is no plan "${id}". \`trueup plans list\` shows those there are.`,
    );
  return row;
}

/** Plans about a subject that were not applied yet lose their sense: the subject is no more what it was. */
export async function supersedeOpenPlans(tx: TenantTx, subject: string): Promise<void> {
  await tx.run(
    `update plan p set status = 'superseded' where p.subject = $1 and p.status in ('blocked', 'waiting', 'approved', 'stale')`,
    [subject],
  );
}

/**
 * Approves exactly what the person saw: the hash must be the plan's.
 * Throws StaleError when the plan is another one by now, ValidationError when it is blocked.
 */
export async function approvePlan<Body>(
  tx: TenantTx,
  approval: { readonly id: string; readonly hash: string; readonly person: string },
): Promise<Plan<Body>> {
  const plan = await getPlan<Body>(tx, approval.id);
  if (plan.status === 'blocked') {
    throw new ValidationError(
      `Plan ${plan.id} is blocked. Its problems must be solved in the source systems first; then it is planned anew.`,
    );
  }
  if (plan.hash !== approval.hash || plan.status !== 'waiting') {
    throw new StaleError(
      `Plan ${plan.id} is ${plan.status} with hash ${plan.hash}; you approved ${approval.hash}. Look at the newest plan of ${plan.subject}.`,
    );
  }
  const [row] = await tx.sql<Plan<Body>>(
    `update plan p set status = 'approved', approved_by = $2, approved_hash = $3, approved_at = app.clock()
     where p.id = $1 and p.status = 'waiting' and p.hash = $3 returning ${COLUMNS}`,
    [approval.id, approval.person, approval.hash],
  );
  if (row === undefined)
    throw new StaleError(`Plan ${plan.id} changed while it was approved. Look at it again.`);
  return row;
}

/** Moves a plan on. The states from which a step may be taken are the caller's rule; returns false if it was elsewhere. */
export async function movePlan(
  tx: TenantTx,
  id: string,
  from: readonly PlanStatus[],
  to: PlanStatus,
): Promise<boolean> {
  const moved = await tx.run(
    `update plan p set status = $3, applied_at = case when $3 = 'applied' then app.clock() else p.applied_at end
     where p.id = $1 and p.status = any($2)`,
    [id, [...from], to],
  );
  return moved > 0;
}

/** Plans whose every intent is applied and read back become `applied`. Returns their ids. */
export async function completePlans(tx: TenantTx): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `update plan p set status = 'applied', applied_at = app.clock()
     where p.status = 'applying'
       and not exists (select from intent i where i.plan_id = p.id and i.state <> 'SUPERSEDED' and not (i.state = 'APPLIED' and i.read_back))
     returning p.id`,
  );
  return rows.map((row) => row.id);
}
