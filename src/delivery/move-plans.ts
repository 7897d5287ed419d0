import type { TenantTx } from '../db/store.ts';
import { StaleError, ValidationError } from '../kernel/errors.ts';
import { DROPPED } from './drop-unsent.ts';
import { ABOUT_ANOTHER } from './intent-order.ts';
import {
  getPlan,
  OPEN_PLANS,
  PLAN_COLUMNS,
  type MovedField,
  type Plan,
  type PlanProblem,
  type PlanStatus,
} from './plans.ts';
import { OVERTAKEN } from './retry-intents.ts';
import { keepEvent } from './webhooks/events.ts';

/** Plans about a subject that were not applied yet lose their sense: the subject is no more what it was. */
export async function supersedeOpenPlans(tx: TenantTx, subject: string): Promise<void> {
  await tx.run(
    `update plan p set status = 'superseded' where p.subject = $1 and p.status in ${OPEN_PLANS}`,
    [subject],
  );
}

/** Plans not applied yet that would write to a connection that is no more: what they say cannot be done. */
export async function supersedePlansFor(tx: TenantTx, connection: string): Promise<void> {
  await tx.run(
    `update plan p set status = 'superseded' where p.status in ${OPEN_PLANS}
       and p.body -> 'effects' @> jsonb_build_array(jsonb_build_object('connection', $1::text))`,
    [connection],
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
  if (plan.status === 'observed') {
    throw new ValidationError(
      `Plan ${plan.id} is only shown: what it writes to is observed (\`trueup modes list\`). Set the mode to propose or write; then it waits for you.`,
    );
  }
  if (plan.status === 'review') {
    throw new ValidationError(
      `Plan ${plan.id} is late, and its customer holds these rights already. Decide what it is: \`trueup plans decide ${plan.id} --as additional|renewal|rejected --hash ${plan.hash}\`.`,
    );
  }
  if (plan.hash !== approval.hash || plan.status !== 'waiting') {
    throw new StaleError(
      `Plan ${plan.id} is ${plan.status} with hash ${plan.hash}; you approved ${approval.hash}. Look at the newest plan of ${plan.subject}.`,
    );
  }
  const [row] = await tx.sql<Plan<Body>>(
    `update plan p set status = 'approved', approved_by = $2, approved_hash = $3, approved_at = app.clock()
     where p.id = $1 and p.status = 'waiting' and p.hash = $3 returning ${PLAN_COLUMNS}`,
    [approval.id, approval.person, approval.hash],
  );
  if (row === undefined)
    throw new StaleError(`Plan ${plan.id} changed while it was approved. Look at it again.`);
  return row;
}

/** Sets an approved plan aside because the world is not what was approved, and keeps what moved. False if it was elsewhere. */
export async function refusePlan(
  tx: TenantTx,
  id: string,
  moved: readonly MovedField[],
): Promise<boolean> {
  const refused = await tx.run(
    `update plan p set status = 'stale', moved = $2, problem = null where p.id = $1 and p.status = 'approved'`,
    [id, JSON.stringify(moved)],
  );
  return refused > 0;
}

/** Moves a plan on. The states from which a step may be taken are the caller's rule; returns false if it was elsewhere. */
export async function movePlan(
  tx: TenantTx,
  id: string,
  from: readonly PlanStatus[],
  to: PlanStatus,
): Promise<boolean> {
  const moved = await tx.run(
    `update plan p set status = $3, problem = null, applied_at = case when $3 = 'applied' then app.clock() else p.applied_at end
     where p.id = $1 and p.status = any($2)`,
    [id, [...from], to],
  );
  return moved > 0;
}

/** Keeps why an approved plan could not be applied; it stays approved, and applying it again tries it again. */
export async function noteProblem(
  tx: TenantTx,
  id: string,
  { code, message }: Pick<PlanProblem, 'code' | 'message'>,
): Promise<boolean> {
  const noted = await tx.run(
    `update plan p set problem = jsonb_build_object('code', $2::text, 'message', $3::text, 'at', to_json(app.clock()))
     where p.id = $1 and p.status = 'approved'`,
    [id, code, message],
  );
  return noted > 0;
}

/**
 * A write that was to follow another one of the same plan, of which nothing comes any more, is not sent either: who gets a
 * seat would have it beside who had it before. What follows that one in turn goes with it.
 */
async function endOrphaned(tx: TenantTx): Promise<void> {
  const ended = await tx.run(
    `update intent i set state = 'SUPERSEDED', payload_hash = '', held_back = false, settled_at = app.clock(), fence = i.fence + 1,
       error = jsonb_build_object('code', '${DROPPED}', 'message', 'What it was to follow was not done.')
     where i.state in ('PLANNED', 'QUARANTINED') and i.after_external_id is not null
       and (select other.state = 'SUPERSEDED' from ${ABOUT_ANOTHER} order by other.revision desc limit 1)`,
  );
  if (ended > 0) await endOrphaned(tx);
}

/**
 * What waits for a person in a plan that something later overtook waits for nobody any more: trying it again is refused. A
 * conflict about it, with nothing else of the record in force, is none any more.
 */
async function endOvertaken(tx: TenantTx): Promise<void> {
  const ended = await tx.sql<{ externalId: string }>(
    `update intent i set state = 'SUPERSEDED', payload_hash = '', settled_at = app.clock(), fence = i.fence + 1
     where i.state in ('QUARANTINED', 'CONFLICT') and i.plan_id in (select p.id from plan p where p.status = 'applying') and ${OVERTAKEN}
     returning i.external_id as "externalId"`,
  );
  if (ended.length === 0) return;
  await tx.run(
    `update conflict c set state = 'vanished', decided_at = app.clock(), reason = 'a later plan took the place of what was written'
     where c.state = 'open' and c.external_id = any($1) and not exists (select from intent i where i.tenant_id = c.tenant_id
       and i.connection = c.connection and i.object = c.object and i.external_id = c.external_id and i.state <> 'SUPERSEDED')`,
    [ended.map(({ externalId }) => externalId)],
  );
}

/** Of plan `p`, in SQL: a record of which nothing of the plan stands any more, and the last of it was dropped. */
const WAS_DROPPED = `exists (select from intent i where i.plan_id = p.id and i.state = 'SUPERSEDED' and i.error ->> 'code' = '${DROPPED}'
  and not exists (select from intent own where own.tenant_id = i.tenant_id and own.plan_id = i.plan_id and own.connection = i.connection
    and own.object = i.object and own.external_id = i.external_id and (own.state <> 'SUPERSEDED' or own.revision > i.revision)))`;

/**
 * Plans that have nothing left to do end, and webhooks are told. `applied`: every intent is applied and read back, but for
 * what something later overtook. `incomplete`: somebody dropped part of it, or the connection that it was for was removed.
 * One of which every intent was overtaken, and none dropped, is `superseded`. Returns the ids of those that ended with
 * something of them in force.
 */
export async function completePlans(tx: TenantTx): Promise<readonly string[]> {
  await endOvertaken(tx);
  await endOrphaned(tx);
  await tx.run(
    `update plan p set status = 'superseded' where p.status = 'applying' and exists (select from intent i where i.plan_id = p.id)
       and not exists (select from intent i where i.plan_id = p.id and i.state <> 'SUPERSEDED') and not ${WAS_DROPPED}`,
  );
  const rows = await tx.sql<Pick<Plan<unknown>, 'id' | 'kind' | 'subject' | 'hash' | 'status'>>(
    `update plan p set status = case when ${WAS_DROPPED} then 'incomplete' else 'applied' end, applied_at = app.clock()
     where p.status = 'applying'
       and not exists (select from intent i where i.plan_id = p.id and i.state <> 'SUPERSEDED' and not (i.state = 'APPLIED' and i.read_back))
     returning p.id, p.kind, p.subject, p.hash, p.status`,
  );
  for (const { id, kind, subject, hash, status } of rows) {
    const type = status === 'applied' ? 'plan.applied' : 'plan.incomplete';
    await keepEvent(tx, { type, subject: `plan:${id}`, data: { planId: id, kind, subject, hash } });
  }
  return rows.map((row) => row.id);
}
