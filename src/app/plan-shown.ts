import type { TenantTx } from '../db/store.ts';
import type { Plan } from '../delivery/plans.ts';
import { fieldsOf, valueAt } from '../delivery/three-way.ts';
import { StaleError } from '../kernel/errors.ts';
import { hashJson, type Json } from '../kernel/hash.ts';
import { externalIdOf } from '../kernel/ids.ts';
import type { Caller } from '../security/caller.ts';
import type { PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { readPresentOf, type PresentValues } from './plan-present.ts';

/** Looks that are older are forgotten: nobody approves over what was shown then. */
const KEPT_DAYS = 30;

/** The hash of what is shown of a plan's records: the present value of each planned field, and what could not be read. */
export function shownHash(
  tenantId: string,
  { effects }: Pick<PlanBody, 'effects'>,
  present: PresentValues,
): string {
  const seen = new Map(present.records.map((each) => [each.externalId, each]));
  return hashJson(
    effects.map((effect): Json => {
      const id = externalIdOf({ tenantId, ...effect });
      const found = seen.get(id);
      if (found === undefined) return [id, 'unread'];
      const { fields: held, vendorId } = found;
      if (held === null) return [id, 'absent'];
      return [id, vendorId, fieldsOf(effect.fields).map((field) => valueAt(held, field) ?? null)];
    }),
  ).slice(0, 32);
}

/** Keeps what a person was shown of a plan. */
export async function keepShown(
  tx: TenantTx,
  look: {
    readonly planId: string;
    readonly person: string;
    readonly shown: string;
    readonly present: PresentValues;
  },
): Promise<void> {
  const { planId, person, shown, present } = look;
  await tx.run(
    `delete from plan_shown s where s.plan_id = $1 and s.seen_at < app.clock() - make_interval(days => $2)`,
    [planId, KEPT_DAYS],
  );
  await tx.run(
    `insert into plan_shown (tenant_id, plan_id, person, shown, present) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, plan_id, person, shown) do update set present = excluded.present, seen_at = app.clock()`,
    [tx.tenantId, planId, person, shown, JSON.stringify(present)],
  );
}

/** What was shown is settled with the approval, which keeps it. */
export async function forgetShown(tx: TenantTx, planId: string): Promise<void> {
  await tx.run(`delete from plan_shown s where s.plan_id = $1`, [planId]);
}

async function shownTo(
  tx: TenantTx,
  { planId, person, shown }: { planId: string; person: string; shown: string | undefined },
): Promise<PresentValues | null> {
  const [row] = await tx.sql<{ present: PresentValues }>(
    `select s.present from plan_shown s where s.plan_id = $1 and case when $2::text is null then s.person = $3 else s.shown = $2 end
     order by s.seen_at desc limit 1`,
    [planId, shown ?? null, person],
  );
  return row?.present ?? null;
}

/**
 * What the other systems held of a plan's records as its approver knows it: what `shown` names, else what this person was
 * shown last, else what is there now. Null for a plan whose hash covers it, as reversals and cancellations have it.
 * Throws StaleError where nobody was shown what `shown` names.
 */
export async function presentToApprove(
  deps: Deps,
  { tenantId, personId }: Pick<Caller, 'tenantId' | 'personId'>,
  plan: Plan<PlanBody>,
  shown?: string,
): Promise<PresentValues | null> {
  const known = await deps.store.readTenant(tenantId, (tx) =>
    shownTo(tx, { planId: plan.id, person: personId, shown }),
  );
  if (known === null && shown !== undefined)
    throw new StaleError(
      `Plan ${plan.id} was not shown with ${shown}. Look at it again: \`trueup plans show ${plan.id}\`.`,
    );
  if (!comparesPresent(plan)) return null;
  return known ?? readPresentOf(deps, tenantId, plan.body);
}

/** True for a plan whose approval is given over what the other systems were seen to hold. */
export function comparesPresent({ kind }: Pick<Plan<PlanBody>, 'kind'>): boolean {
  return kind === 'closed_won' || kind === 'reopen' || kind === 'seats';
}
