import type { TenantTx } from '../db/store.ts';
import type { savePlan } from '../delivery/plans.ts';
import { openHoldOf, plansOfHold } from '../delivery/write-holds.ts';
import { companySetting } from './company-settings.ts';
import type { PlanBody } from './deal-planning.ts';
import { sumByCurrency } from './money-at-stake.ts';
import { countEffects, holdRun, overCaps, sumOf } from './write-guard.ts';

type Draft = Parameters<typeof savePlan<PlanBody>>[1];

/**
 * The hold that the plans of a run wait in which policy would let through, or null where they may go. What policy let
 * through within the hours counts along, so that many small runs are a large one.
 */
export async function holdOfDeals(
  tx: TenantTx,
  drafts: readonly Draft[],
  actor: string,
): Promise<string | null> {
  const free = drafts.filter((draft) => draft.approvedByPolicy && !draft.blocked && draft.observed !== true && draft.forReview !== true); // prettier-ignore
  if (free.length === 0) return null;
  const limits = await companySetting(tx, 'writes');
  const effects = free.flatMap(({ body }) => body.effects);
  const sum = await sumOf(tx, await countEffects(tx, 'deals', effects));
  const recent = await byPolicy(tx, limits.hours, free.map(({ hash }) => hash)); // prettier-ignore
  const totals = free.flatMap(({ body }) => body.total ?? []);
  const counted = {
    ...sum,
    changed: sum.changed + recent.records,
    money: sumByCurrency([...totals, ...recent.totals]),
  };
  // Alone, a few changes within what is allowed are no mass change, however many went before with a record each.
  const reasons = overCaps(sum.changed === 0 ? { ...counted, changed: 0 } : counted, limits);
  if (reasons.length === 0) return null;
  return (
    (await joinOpen(tx, free, reasons, actor)) ??
    holdRun(tx, { source: 'deals', actor, reasons, counted })
  );
}

/** Adds to the open hold only what does not wait in it yet: each look at the deals draws the same plans up again. */
async function joinOpen(
  tx: TenantTx,
  free: readonly Draft[],
  reasons: readonly string[],
  actor: string,
): Promise<string | null> {
  const open = await openHoldOf(tx, 'deals');
  if (open === null) return null;
  const waiting = new Set((await plansOfHold(tx, open.id)).map(({ hash }) => hash));
  const added = free.filter(({ hash }) => !waiting.has(hash));
  if (added.length === 0) return open.id;
  const sum = await sumOf(tx, await countEffects(tx, 'deals', added.flatMap(({ body }) => body.effects))); // prettier-ignore
  const money = sumByCurrency(added.flatMap(({ body }) => body.total ?? []));
  return holdRun(tx, { source: 'deals', actor, reasons, counted: { ...sum, money } });
}

async function byPolicy(
  tx: TenantTx,
  hours: number,
  butOf: readonly string[],
): Promise<{
  readonly records: number;
  readonly totals: readonly { readonly amount: string; readonly currency: string }[];
}> {
  const rows = await tx.sql<{
    records: number;
    total: { readonly amount: string; readonly currency: string } | null;
  }>(
    `select (select count(*)::int from intent i where i.tenant_id = p.tenant_id and i.plan_id = p.id and i.revision > 1) as records,
       p.body -> 'total' as total
     from plan p where p.approved_by = 'policy' and p.status in ('approved', 'applying', 'applied', 'incomplete')
       and p.approved_at > app.clock() - make_interval(hours => $1) and p.hash <> all($2)`,
    [hours, [...butOf]],
  );
  return {
    records: rows.reduce((sum, row) => sum + row.records, 0),
    totals: rows.flatMap(({ total }) => total ?? []),
  };
}
