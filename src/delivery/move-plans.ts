import type { TenantTx } from '../db/store.ts';
import { StaleError, ValidationError } from '../kernel/errors.ts';
import {
  getPlan,
  OPEN_PLANS,
  PLAN_COLUMNS,
  type MovedField,
  type Plan,
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
    `update plan p set status = 'stale', moved = $2 where p.id = $1 and p.status = 'approved'`,
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
    `update plan p set status = $3, applied_at = case when $3 = 'applied' then app.clock() else p.applied_at end
     where p.id = $1 and p.status = any($2)`,
    [id, [...from], to],
  );
  return moved > 0;
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

/**
 * Plans that have nothing left to do become `applied`, and webhooks are told: every intent is applied and read back, but for
 * what something later overtook. One of which every intent was overtaken is `superseded`. Returns the ids of those that are
 * applied.
 */
export async function completePlans(tx: TenantTx): Promise<readonly string[]> {
  await endOvertaken(tx);
  await tx.run(
    `update plan p set status = 'superseded' where p.status = 'applying'
       and exists (select from intent i where i.plan_id = p.id) and not exists (select from intent i where i.plan_id = p.id and i.state <> 'SUPERSEDED')`,
  );
  const rows = await tx.sql<Pick<Plan<unknown>, 'id' | 'kind' | 'subject' | 'hash'>>(
    `update plan p set status = 'applied', applied_at = app.clock()
     where p.status = 'applying'
       and not exists (select from intent i where i.plan_id = p.id and i.state <> 'SUPERSEDED' and not (i.state = 'APPLIED' and i.read_back))
     returning p.id, p.kind, p.subject, p.hash`,
  );
  for (const { id, kind, subject, hash } of rows) {
    const data = { planId: id, kind, subject, hash };
    await keepEvent(tx, { type: 'plan.applied', subject: `plan:${id}`, data });
  }
  return rows.map((row) => row.id);
}
