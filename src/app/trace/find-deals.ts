import { dealsOf, findDeal, type Deal } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { canonicalIdsOf, findIntent } from '../../delivery/intents.ts';
import { findPlan } from '../../delivery/plans.ts';
import type { Fact, FactNoun } from '../../ledger/fact.ts';
import { historyOf } from '../../ledger/facts.ts';

/** What an id of any system leads to: the deals it belongs to, and the facts that name it. */
export interface Found {
  readonly deals: readonly Deal[];
  /** Opportunities that it leads to, whether or not a deal was won. */
  readonly opportunityRefs: readonly string[];
  readonly facts: readonly Fact<FactNoun>[];
}

/**
 * Finds what an id means: an opportunity, order or line of any system, a deal, plan, intent, entitlement or external
 * id of ours.
 */
export async function findDeals(tx: TenantTx, id: string): Promise<Found> {
  const facts = (await historyOf(tx, id)).filter((fact) => fact.recordedTo === null);
  const dealIds = new Set<string>([id]);
  const opportunityRefs = new Set<string>();
  for (const fact of facts) collect(fact, dealIds, opportunityRefs);
  const plan = await findPlan(tx, id);
  if (plan !== null) dealIds.add(plan.subject);
  const intent = await findIntent(tx, id);
  if (intent !== null) dealIds.add(dealOf(intent.canonicalId));
  const externalIds = [id, ...facts.flatMap(effectOf)];
  for (const canonicalId of (await canonicalIdsOf(tx, externalIds)).values())
    dealIds.add(dealOf(canonicalId));
  const deals = new Map<string, Deal>();
  for (const dealId of dealIds) {
    const deal = await findDeal(tx, dealId);
    if (deal !== null) deals.set(deal.id, deal);
  }
  for (const deal of deals.values()) opportunityRefs.add(deal.opportunityRef);
  for (const ref of opportunityRefs)
    for (const deal of await dealsOf(tx, ref)) deals.set(deal.id, deal);
  return { deals: [...deals.values()], opportunityRefs: [...opportunityRefs], facts };
}

/** An entitlement of a deal is `ent:<deal>:<line>`; what is about the deal carries its id as it is. */
function dealOf(canonicalId: string): string {
  const match = /^ent:(deal:.+):\d+$/.exec(canonicalId);
  return match?.[1] ?? canonicalId;
}

function collect(fact: Fact<FactNoun>, dealIds: Set<string>, opportunityRefs: Set<string>): void {
  const body = fact.body as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined =>
    typeof body[name] === 'string' ? (body[name] as string) : undefined;
  if (fact.noun === 'opportunity') opportunityRefs.add(fact.externalRef);
  const opportunity = text('opportunityRef');
  if (opportunity !== undefined) opportunityRefs.add(opportunity);
  const deal = text('dealRef');
  if (deal !== undefined) dealIds.add(deal);
  const entitlement = text('entitlementRef');
  if (entitlement !== undefined) dealIds.add(dealOf(entitlement));
  if (fact.noun === 'entitlement') dealIds.add(dealOf(fact.externalRef));
}

function effectOf(fact: Fact<FactNoun>): readonly string[] {
  const body = fact.body as { readonly effectExternalId?: string };
  return body.effectExternalId === undefined ? [] : [body.effectExternalId];
}
