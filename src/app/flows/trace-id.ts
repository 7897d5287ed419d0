import { dealsOf, findDeal, type Deal } from '../../commerce/deals.ts';
import type { TenantTx } from '../../db/store.ts';
import { intentsAbout } from '../../delivery/intents.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Fact } from '../../ledger/fact.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { dealHops, intentHop, opportunityHops } from '../trace/deal-hops.ts';
import { withChanges } from '../trace/change-hops.ts';
import { withEdits } from '../trace/edit-hops.ts';
import { addOrder, findStart, type TraceStart } from '../trace/find-start.ts';
import { positionHops } from '../trace/outcome-hops.ts';
import { orderHops, purchaseHops, renewalHops, rightsHops } from '../trace/rights-hops.ts';
import { hopsOf, type TraceHop } from '../trace/trace-hop.ts';

/** The way of one record through every system. */
export interface Trace {
  readonly id: string;
  readonly hops: readonly TraceHop[];
}

/**
 * Follows an id of any system: source record, facts with their mapping versions, deal, plan, what was written and read
 * back, orders and lines, rights, renewals, and the positions that they count in with their rule versions. A finding
 * leads to its evidence, a position line to its entitlements, a run to what its streams proved. Each record of another
 * system comes with who changed it there, as far as that system's change log was read.
 * Throws NotFoundError when nothing here has heard of it.
 */
export function traceId(deps: Deps, caller: Caller, id: string): Promise<Trace> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const start = await findStart(tx, id);
    await addRenewed(tx, start);
    const deals = await dealsFrom(tx, start);
    const hops: TraceHop[] = [];
    for (const ref of start.opportunityRefs) hops.push(...(await opportunityHops(tx, ref)));
    const effects: string[] = [];
    for (const deal of deals) {
      const own = await dealHops(tx, deal);
      hops.push(...own.hops);
      effects.push(...own.intents.map((intent) => intent.externalId));
    }
    const entitlements = await entitlementsFrom(tx, start, deals);
    for (const order of await ordersFrom(tx, start, entitlements, effects))
      hops.push(...(await orderHops(tx, order)));
    for (const purchase of await purchasesFrom(tx, start, entitlements))
      hops.push(...(await purchaseHops(tx, purchase)));
    hops.push(...(await rightsHops(tx, entitlements)));
    const refs = new Set(entitlements.map((fact) => fact.externalRef));
    hops.push(...(await renewalHops(tx, refs, start.renewalRefs)));
    hops.push(...(await intentsAbout(tx, [...start.written])).map(intentHop));
    hops.push(...(await positionHops(tx, entitlements, start.lineIds)));
    const all = [...start.hops, ...othersOf(start, hops), ...once(hops)];
    if (all.length === 0) throw new NotFoundError(`Nothing here has heard of "${id}".`);
    return { id, hops: await withChanges(tx, deps.registry, await withEdits(tx, all)) };
  });
}

/** An intent may name a renewal that no fact of this id does: its entitlements belong to the way as well. */
async function addRenewed(tx: TenantTx, start: TraceStart): Promise<void> {
  const renewals = await factsOf(tx, 'renewalTerm', { refs: [...start.renewalRefs] });
  for (const ref of renewals.flatMap((fact) => fact.body.entitlementRefs))
    start.entitlementRefs.add(ref);
}

/** Deals by their ids and by the opportunities; the opportunities of the deals join those of the way. */
async function dealsFrom(tx: TenantTx, start: TraceStart): Promise<readonly Deal[]> {
  const named = await factsOf(tx, 'entitlement', { refs: [...start.entitlementRefs] });
  const dealIds = [...start.dealIds, ...named.flatMap((fact) => fact.body.dealRef ?? [])];
  const deals = new Map<string, Deal>();
  for (const dealId of new Set(dealIds)) {
    const deal = await findDeal(tx, dealId);
    if (deal !== null) deals.set(deal.id, deal);
  }
  for (const deal of deals.values()) start.opportunityRefs.add(deal.opportunityRef);
  for (const ref of start.opportunityRefs)
    for (const deal of await dealsOf(tx, ref)) deals.set(deal.id, deal);
  return [...deals.values()];
}

async function entitlementsFrom(
  tx: TenantTx,
  start: TraceStart,
  deals: readonly Deal[],
): Promise<readonly Fact<'entitlement'>[]> {
  const found = [...(await factsOf(tx, 'entitlement', { refs: [...start.entitlementRefs] }))];
  for (const deal of deals)
    found.push(...(await factsOf(tx, 'entitlement', { where: { dealRef: deal.id } })));
  for (const { connection, ref } of start.orders.values())
    found.push(
      ...(await factsOf(tx, 'entitlement', {
        where: { orderConnection: connection, orderRef: ref },
      })),
    );
  return [...new Map(found.map((fact) => [fact.factId, fact])).values()];
}

/** Orders of the way: those named, those that the entitlements come from, and those that we wrote. */
async function ordersFrom(
  tx: TenantTx,
  start: TraceStart,
  entitlements: readonly Fact<'entitlement'>[],
  effects: readonly string[],
): Promise<readonly Fact<'order'>[]> {
  const refs = orderRefs(start, entitlements);
  const found: Fact<'order'>[] = [];
  for (const effectExternalId of new Set(effects))
    found.push(...(await factsOf(tx, 'order', { where: { effectExternalId } })));
  for (const { connection, ref } of refs.values())
    found.push(...(await factsOf(tx, 'order', { connection, refs: [ref] })));
  return [...new Map(found.map((fact) => [fact.factId, fact])).values()];
}

/** Our own purchases of the way: those named, and those that the entitlements come from. */
async function purchasesFrom(
  tx: TenantTx,
  start: TraceStart,
  entitlements: readonly Fact<'entitlement'>[],
): Promise<readonly Fact<'purchaseOrder'>[]> {
  const found: Fact<'purchaseOrder'>[] = [];
  for (const { connection, ref } of orderRefs(start, entitlements).values())
    found.push(...(await factsOf(tx, 'purchaseOrder', { connection, refs: [ref] })));
  return found;
}

function orderRefs(
  start: TraceStart,
  entitlements: readonly Fact<'entitlement'>[],
): TraceStart['orders'] {
  const refs = new Map(start.orders);
  for (const { body } of entitlements)
    if (body.orderConnection !== undefined && body.orderRef !== undefined)
      addOrder(refs, body.orderConnection, body.orderRef);
  return refs;
}

/** Facts that the id names and that no step of the way shows, with their records. */
function othersOf(start: TraceStart, shown: readonly TraceHop[]): readonly TraceHop[] {
  const key = (hop: TraceHop): string => JSON.stringify([hop.kind, hop.system, hop.object, hop.id]);
  const known = new Set(shown.map(key));
  const facts = [...new Map(start.facts.map((fact) => [fact.factId, fact])).values()];
  const hops = hopsOf(facts, (fact) => `${fact.noun} known since ${fact.recordedFrom}`);
  return hops.filter((hop) => !known.has(key(hop)));
}

/** A hop that two ways lead to comes once, where it came first. */
function once(hops: readonly TraceHop[]): readonly TraceHop[] {
  return [...new Map(hops.map((hop) => [JSON.stringify(hop), hop])).values()];
}
