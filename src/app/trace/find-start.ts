import type { TenantTx } from '../../db/store.ts';
import { canonicalIdsOf, intentsNamed } from '../../delivery/intents.ts';
import { findPlan } from '../../delivery/plans.ts';
import { getRun, type Run } from '../../intake/runs.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Fact, FactNoun } from '../../ledger/fact.ts';
import { factsById, historyOf } from '../../ledger/facts.ts';
import { listFindings, listPositions } from '../../licensing/runs.ts';
import { findingHop, runHops } from './outcome-hops.ts';
import type { TraceHop } from './trace-hop.ts';

/** What an id of any system leads to, by the references with which the rest of the way is found. */
export interface TraceStart {
  /** Hops of what has no facts of its own: a finding, a run. */
  readonly hops: TraceHop[];
  readonly facts: readonly Fact<FactNoun>[];
  readonly opportunityRefs: Set<string>;
  readonly dealIds: Set<string>;
  /** Orders and purchases whose every entitlement belongs to the way. */
  readonly orders: Map<string, OrderRef>;
  readonly entitlementRefs: Set<string>;
  readonly renewalRefs: Set<string>;
  readonly lineIds: Set<string>;
  /** Canonical ids of other things that were written: the summary on an account. */
  readonly written: Set<string>;
}

/** An order in the system that holds it. */
export interface OrderRef {
  readonly connection: string;
  readonly ref: string;
}

/**
 * Finds what an id means: a record, fact, finding, run, position line, deal, plan, intent, external id or entitlement
 * of ours, or a vendor's id of something that we read or wrote.
 */
export async function findStart(tx: TenantTx, id: string): Promise<TraceStart> {
  const [finding] = await listFindings(tx, { id, status: 'any' });
  const [position] = await listPositions(tx, { lineId: id });
  const run = await findRun(tx, id);
  const named = [id, ...(finding?.evidence ?? []), ...(position?.inputs.entitlements ?? [])];
  const history = await historyOf(tx, id);
  const current = history.filter((fact) => fact.recordedTo === null);
  const facts = [
    ...(current.length > 0 ? current : history.slice(-1)),
    ...(await factsById(tx, named)),
  ];
  const start: TraceStart = {
    hops: [
      ...(finding === undefined ? [] : [findingHop(finding)]),
      ...(run === null ? [] : runHops(run)),
    ],
    facts,
    opportunityRefs: new Set(),
    dealIds: new Set([id]),
    orders: new Map(),
    entitlementRefs: new Set(),
    renewalRefs: new Set(),
    lineIds: new Set(position === undefined ? [] : [id]),
    written: new Set(),
  };
  for (const fact of facts) collect(fact, start);
  const plan = await findPlan(tx, id);
  if (plan !== null) start.dealIds.add(plan.subject);
  for (const intent of await intentsNamed(tx, id)) collectCanonical(intent.canonicalId, start);
  for (const canonicalId of (await canonicalIdsOf(tx, facts.flatMap(effectOf))).values())
    collectCanonical(canonicalId, start);
  return start;
}

async function findRun(tx: TenantTx, id: string): Promise<Run | null> {
  try {
    return await getRun(tx, id);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

function collect(fact: Fact<FactNoun>, start: TraceStart): void {
  const body = fact.body as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined =>
    typeof body[name] === 'string' ? (body[name] as string) : undefined;
  const [opportunity, deal, entitlement, order] = [
    text('opportunityRef'),
    text('dealRef'),
    text('entitlementRef'),
    text('orderRef'),
  ];
  if (fact.noun === 'opportunity') start.opportunityRefs.add(fact.externalRef);
  if (opportunity !== undefined) start.opportunityRefs.add(opportunity);
  if (deal !== undefined) start.dealIds.add(deal);
  if (entitlement !== undefined) collectCanonical(entitlement, start);
  if (fact.noun === 'entitlement') start.entitlementRefs.add(fact.externalRef);
  if (fact.noun === 'order' || fact.noun === 'purchaseOrder')
    addOrder(start.orders, fact.connection, fact.externalRef);
  const purchase = text('purchaseOrderRef');
  if (fact.noun === 'purchaseOrderLine' && purchase !== undefined)
    addOrder(start.orders, fact.connection, purchase);
  if (fact.noun === 'orderLine' && order !== undefined)
    addOrder(start.orders, fact.connection, order);
  if (fact.noun !== 'renewalTerm') return;
  start.renewalRefs.add(fact.externalRef);
  for (const ref of (fact as Fact<'renewalTerm'>).body.entitlementRefs)
    start.entitlementRefs.add(ref);
}

/** Adds an order once. */
export function addOrder(orders: Map<string, OrderRef>, connection: string, ref: string): void {
  orders.set(JSON.stringify([connection, ref]), { connection, ref });
}

/** What an intent is about: `deal:…`, an entitlement (`ent:<deal>:<line>` when a deal made it), a renewal. */
function collectCanonical(canonicalId: string, start: TraceStart): void {
  const deal = /^ent:(deal:.+):\d+$/.exec(canonicalId)?.[1];
  if (deal !== undefined) start.dealIds.add(deal);
  if (canonicalId.startsWith('ent:')) start.entitlementRefs.add(canonicalId);
  else if (canonicalId.startsWith('deal:')) start.dealIds.add(canonicalId);
  else if (canonicalId.startsWith('renewal:')) start.renewalRefs.add(canonicalId);
  else start.written.add(canonicalId);
}

function effectOf(fact: Fact<FactNoun>): readonly string[] {
  const body = fact.body as { readonly effectExternalId?: string };
  return body.effectExternalId === undefined ? [] : [body.effectExternalId];
}
