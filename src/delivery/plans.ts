import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import { newId } from '../kernel/ids.ts';

export type PlanStatus =
  | 'blocked'
  | 'observed'
  | 'waiting'
  | 'review'
  | 'approved'
  | 'applying'
  | 'applied'
  | 'incomplete'
  | 'stale'
  | 'superseded'
  | 'linked'
  | 'rejected';

/** One cross-system change as a whole. `body` is the room's that drew it up; `hash` covers effects and inputs. */
export interface Plan<Body> {
  readonly id: string;
  readonly kind: 'closed_won' | 'reopen' | 'cancellation' | 'reversal' | 'seats';
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
  /** What a person said of a plan that was for review; null while nobody did, and for all others. */
  readonly decision: PlanDecision | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  /** What moved when it was refused; null for one that was not. */
  readonly moved: readonly MovedField[] | null;
  /** The hold that its run tripped; null for all others. */
  readonly holdId: string | null;
  /** Why it could not be applied when it was last tried; null where nothing is wrong. */
  readonly problem: PlanProblem | null;
}

/** What kept an approved plan from being applied. */
export interface PlanProblem {
  readonly code: string;
  readonly message: string;
  /** An instant, as JSON has it. */
  readonly at: string;
}

/** A value that an approval rested on and that is another by now. */
export interface MovedField {
  /** Of what: `Contract 4711.EndDate`. */
  readonly path: string;
  readonly approved: Json;
  readonly now: Json;
}

/** `additional`: it is approved. `renewal`: it was brought about already. `rejected`: nothing shall come of it. */
export type PlanDecision = 'additional' | 'renewal' | 'rejected';

/** The columns of a plan, as `p`. */
export const PLAN_COLUMNS = `p.id, p.kind, p.subject, p.hash, p.status, p.body, p.created_at as "createdAt",
  p.approved_by as "approvedBy", p.approved_hash as "approvedHash", p.approved_at as "approvedAt",
  p.applied_at as "appliedAt", p.decision, p.decided_by as "decidedBy", p.decided_at as "decidedAt",
  p.moved, p.hold_id as "holdId", p.problem`;

/** States of a plan that is not applied and that a newer one takes the place of, as SQL. */
export const OPEN_PLANS = `('blocked', 'observed', 'waiting', 'review', 'approved', 'stale')`;

/** States of the plan that a subject rests on: what was done, or that a person wanted nothing done. */
export const IN_EFFECT: readonly PlanStatus[] = [
  'applying',
  'applied',
  'incomplete',
  'linked',
  'rejected',
];

/** States of a plan that was begun and is in force with what it did or is about to do, as SQL. */
export const BEGUN_PLANS = `('applying', 'applied', 'incomplete')`;

/** True for a plan that was begun and is in force, though part of it may have been dropped. */
export function isBegun({ status }: { readonly status: PlanStatus }): boolean {
  return status === 'applying' || isEnded({ status });
}

/** True for a plan that has nothing left to do, and did what of it was not dropped. */
export function isEnded({ status }: { readonly status: PlanStatus }): boolean {
  return status === 'applied' || status === 'incomplete';
}

/** Who approves a plan that nobody need look at. */
export const POLICY_APPROVER = 'policy';

/**
 * Keeps a plan. The same change (subject, kind, hash) is kept once; an older, unapplied plan about the same
 * subject is superseded. `approvedByPolicy` says that no person need look at it, `forReview` that one has to decide what
 * it is. A plan that was set aside and is the
 * right one again starts over: an approval from before does not count for it.
 */
export async function savePlan<Body>(
  tx: TenantTx,
  draft: Pick<Plan<Body>, 'kind' | 'subject' | 'hash' | 'body'> & {
    readonly blocked: boolean;
    readonly approvedByPolicy: boolean;
    readonly forReview?: boolean;
    /** Nothing may be written of it yet: it is only shown. */
    readonly observed?: boolean;
    readonly holdId?: string | null;
  },
): Promise<{ readonly plan: Plan<Body>; readonly isNew: boolean }> {
  await tx.run(
    `update plan p set status = 'superseded' where p.subject = $1 and p.hash <> $2 and p.status in ${OPEN_PLANS}`,
    [draft.subject, draft.hash],
  );
  const status = firstStatus(draft);
  const approval = status === 'approved' ? [POLICY_APPROVER, draft.hash] : [null, null];
  const [made] = await tx.sql<Plan<Body>>(
    `insert into plan as p (tenant_id, id, kind, subject, hash, status, body, approved_by, approved_hash, approved_at, hold_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $8::text is null then null else app.clock() end, $10)
     on conflict (tenant_id, subject, kind, hash) do nothing returning ${PLAN_COLUMNS}`,
    [
      tx.tenantId,
      newId('pln'),
      draft.kind,
      draft.subject,
      draft.hash,
      status,
      JSON.stringify(draft.body),
      ...approval,
      draft.holdId ?? null,
    ],
  );
  if (made !== undefined) return { plan: made, isNew: true };
  await tx.run(
    `update plan p set status = $4, approved_by = $5, approved_hash = $6,
       approved_at = case when $6::text is null then null else app.clock() end,
       decision = null, decided_by = null, decided_at = null, present = null, approved_present = null, moved = null, problem = null, hold_id = $7
     where p.subject = $1 and p.kind = $2 and p.hash = $3 and (p.status in ('superseded', 'stale') or p.status <> $4 and 'observed' in (p.status, $4) and p.status in ${OPEN_PLANS})`,
    [draft.subject, draft.kind, draft.hash, status, ...approval, draft.holdId ?? null],
  );
  const [kept] = await tx.sql<Plan<Body>>(
    `select ${PLAN_COLUMNS} from plan p where p.subject = $1 and p.kind = $2 and p.hash = $3`,
    [draft.subject, draft.kind, draft.hash],
  );
  if (kept === undefined)
    throw new NotFoundError(`The plan of ${draft.subject} vanished while it was saved.`);
  return { plan: kept, isNew: false };
}

function firstStatus(draft: {
  readonly blocked: boolean;
  readonly approvedByPolicy: boolean;
  readonly forReview?: boolean;
  readonly observed?: boolean;
}): PlanStatus {
  if (draft.blocked) return 'blocked';
  if (draft.observed === true) return 'observed';
  if (draft.forReview === true) return 'review';
  return draft.approvedByPolicy ? 'approved' : 'waiting';
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
    `select ${PLAN_COLUMNS} from plan p
     where ($1::text is null or p.status = $1) and ($2::text is null or p.subject = $2) and ($3::text is null or p.id < $3)
     order by p.id desc limit $4`,
    [filter.status ?? null, filter.subject ?? null, filter.before ?? null, filter.limit],
  );
}

/**
 * Plans, those with the most money at stake first; `after` pages on from a plan. Amounts of several currencies are not
 * compared: the currency with the most plans comes first, and what has no amount last.
 */
export async function plansByValue<Body>(
  tx: TenantTx,
  filter: {
    readonly status?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Plan<Body>[]> {
  return tx.sql<Plan<Body>>(
    `with ranked as (
       select each.id, row_number() over (order by each.currency is null, each.alike desc, each.currency, each.amount desc, each.id desc) as place
       from (select a.id, a.body #>> '{total,currency}' as currency, (a.body #>> '{total,amount}')::numeric as amount,
               count(*) over (partition by a.body #>> '{total,currency}') as alike
             from plan a where $1::text is null or a.status = $1) each)
     select ${PLAN_COLUMNS} from plan p join ranked r on r.id = p.id
     where r.place > coalesce((select at.place from ranked at where at.id = $2), 0) order by r.place limit $3`,
    [filter.status ?? null, filter.after ?? null, filter.limit],
  );
}

/** The newest plan about a subject in one of these states, or null. */
export async function latestPlanOf<Body>(
  tx: TenantTx,
  subject: string,
  statuses: readonly PlanStatus[],
): Promise<Plan<Body> | null> {
  const [row] = await tx.sql<Plan<Body>>(
    `select ${PLAN_COLUMNS} from plan p where p.subject = $1 and p.status = any($2) order by p.id desc limit 1`,
    [subject, [...statuses]],
  );
  return row ?? null;
}

/** One plan, or null. */
export async function findPlan<Body>(tx: TenantTx, id: string): Promise<Plan<Body> | null> {
  const [row] = await tx.sql<Plan<Body>>(`select ${PLAN_COLUMNS} from plan p where p.id = $1`, [
    id,
  ]);
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
