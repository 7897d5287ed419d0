import type { TenantTx } from '../../db/store.ts';
import { intentsAbout } from '../../delivery/intents.ts';
import type { Fact } from '../../ledger/fact.ts';
import { factsOf } from '../../ledger/facts.ts';
import { intentHop } from './deal-hops.ts';
import { lineText, periodText } from './line-text.ts';
import { factHop, hopsOf, type TraceHop } from './trace-hop.ts';

/** An order of any system with its lines. */
export async function orderHops(tx: TenantTx, order: Fact<'order'>): Promise<readonly TraceHop[]> {
  const lines = await factsOf(tx, 'orderLine', {
    connection: order.connection,
    where: { orderRef: order.externalRef },
  });
  return [
    ...hopsOf([order], () => `order ${order.body.number}: ${order.body.status}`),
    ...lines.map((line) => factHop(line, lineText(line.body))),
  ];
}

/** One of our own purchases with its lines: what was ordered and what has been received. */
export async function purchaseHops(
  tx: TenantTx,
  order: Fact<'purchaseOrder'>,
): Promise<readonly TraceHop[]> {
  const lines = await factsOf(tx, 'purchaseOrderLine', {
    connection: order.connection,
    where: { purchaseOrderRef: order.externalRef },
  });
  return [
    ...hopsOf([order], () => `purchase order ${order.body.number}: ${order.body.status}`),
    ...lines.map((line) =>
      factHop(line, `${lineText(line.body)}, received ${line.body.quantityReceived}`),
    ),
  ];
}

/** Entitlements, the rights that they give, and what the CRM shows of them. */
export async function rightsHops(
  tx: TenantTx,
  entitlements: readonly Fact<'entitlement'>[],
): Promise<readonly TraceHop[]> {
  if (entitlements.length === 0) return [];
  const refs = entitlements.map((fact) => fact.externalRef);
  const known = new Set(refs);
  const all = await factsOf(tx, 'entitlementTransaction');
  const transactions = Map.groupBy(
    all.filter((fact) => known.has(fact.body.entitlementRef)),
    (fact) => fact.body.entitlementRef,
  );
  const intents = Map.groupBy(await intentsAbout(tx, refs), (intent) => intent.canonicalId);
  return entitlements.flatMap((entitlement) => {
    const { body, externalRef } = entitlement;
    return [
      factHop(entitlement, `${body.skuCode} for ${body.ownerRef}: ${body.status}`),
      ...(transactions.get(externalRef) ?? []).map((fact) =>
        factHop(
          fact,
          `${fact.body.type} ${fact.body.quantityDelta}${periodText(fact.body)}: ${fact.body.reason}`,
        ),
      ),
      ...(intents.get(externalRef) ?? []).map(intentHop),
    ];
  });
}

/** Renewals of these entitlements, and those named, each with what was written for it. */
export async function renewalHops(
  tx: TenantTx,
  entitlementRefs: ReadonlySet<string>,
  renewalRefs: ReadonlySet<string>,
): Promise<readonly TraceHop[]> {
  const renewals = (await factsOf(tx, 'renewalTerm')).filter(
    (fact) =>
      renewalRefs.has(fact.externalRef) ||
      fact.body.entitlementRefs.some((ref) => entitlementRefs.has(ref)),
  );
  const refs = new Set([...renewalRefs, ...renewals.map((fact) => fact.externalRef)]);
  const intents = await intentsAbout(tx, [...refs]);
  return [
    ...renewals.map((fact) =>
      factHop(fact, `due ${fact.body.renewalFrom}, notice by ${fact.body.noticeDeadline}`),
    ),
    ...intents.map(intentHop),
  ];
}
