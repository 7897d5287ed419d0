import { claimEntitlements } from '../commerce/claim-entitlements.ts';
import {
  rightsOf,
  rightsOfGone,
  type OrderRights,
  type RightsOrder,
} from '../commerce/rights-from-orders.ts';
import { rightsOfPurchase, type Purchase } from '../commerce/rights-from-purchases.ts';
import type { TenantTx } from '../db/store.ts';
import { listConnections } from '../intake/connections.ts';
import { canonicalIdsOf } from '../delivery/intents.ts';
import type { LocalDate } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import { decideFacts, factsOf, OWN_CONNECTION } from '../ledger/facts.ts';
import type { OrganizationLinks } from './organization-links.ts';
import { withReversals } from './reopened-lines.ts';
import { readFacts, type FactReader } from './fact-reader.ts';
import type { SkuCatalogue } from './sku-catalogue.ts';

/** Orders of the CRM show what was sold; rights come from the ERP's orders and from opening balances (contract §9). */
const NO_RIGHTS = new Set(['crm']);

/** What rights are derived with, beside the orders and purchases themselves. */
export interface RightsWorld {
  readonly organizations: OrganizationLinks;
  readonly catalogue: SkuCatalogue;
  readonly today: LocalDate;
}

/**
 * Writes the entitlements and transactions that all orders and purchases give now. Drafts of deals whose order has not come yet stay;
 * rights of an order or a line that vanished are reversed. The caller holds the lock of our own facts from before its
 * first read.
 */
export async function writeRights(tx: TenantTx, world: RightsWorld): Promise<void> {
  const { entitlements, transactions } = await rightsNow(tx, world, readFacts(tx));
  await decideFacts(tx, 'entitlement', entitlements, {
    externalRefs: entitlements.map(({ externalRef }) => externalRef),
  });
  await decideFacts(tx, 'entitlementTransaction', transactions);
}

/** The rights that all orders and purchases give, as `facts` tells of them. Reads only. */
export async function rightsNow(
  tx: TenantTx,
  world: RightsWorld,
  facts: FactReader,
): Promise<OrderRights> {
  const orders = claimEntitlements(await rightsOrders(tx, world.organizations, facts));
  const { bySku } = world.catalogue;
  const sold = (await withReversals(tx, orders)).map((source) =>
    rightsOf(source, bySku, world.today),
  );
  const bought = (await purchases(facts)).map((each) => rightsOfPurchase(each, bySku, world.today));
  const given = [...sold, ...bought];
  const refs = new Set(given.flatMap((each) => each.entitlements.map((own) => own.externalRef)));
  const rights = [...given, ...(await goneRights(tx, refs))];
  return {
    entitlements: rights.flatMap((each) => each.entitlements),
    transactions: rights.flatMap((each) => each.transactions),
  };
}

/** Entitlements that came from an order once and that no order gives any more. */
async function goneRights(
  tx: TenantTx,
  given: ReadonlySet<string>,
): Promise<readonly OrderRights[]> {
  const own = { connection: OWN_CONNECTION };
  const gone = (await factsOf(tx, 'entitlement', own))
    .map(({ body }) => body)
    .filter((each) => each.orderRef !== undefined && !given.has(each.externalRef));
  if (gone.length === 0) return [];
  const transactions = (await factsOf(tx, 'entitlementTransaction', own)).map(({ body }) => body);
  const byEntitlement = Map.groupBy(transactions, (each) => each.entitlementRef);
  return gone.map((each) => rightsOfGone(each, byEntitlement.get(each.externalRef) ?? []));
}

async function rightsOrders(
  tx: TenantTx,
  organizations: OrganizationLinks,
  facts: FactReader,
): Promise<readonly RightsOrder[]> {
  const roles = new Map((await listConnections(tx)).map((each) => [each.id, each.role]));
  const orders = await facts('order');
  const deals = await dealsOfOrders(tx, orders);
  return ordersWithRights(orders, await facts('orderLine'), { roles, organizations, deals });
}

/** The orders that can carry rights, each with its lines and whose they are. */
export function ordersWithRights(
  orders: readonly Fact<'order'>[],
  orderLines: readonly Fact<'orderLine'>[],
  known: {
    /** What each connection is to the business. */
    readonly roles: ReadonlyMap<string, string>;
    readonly organizations: Pick<OrganizationLinks, 'accountOf'>;
    /** The deal behind an order that we wrote, by the external id that it carries. */
    readonly deals: ReadonlyMap<string, string>;
  },
): readonly RightsOrder[] {
  const lines = Map.groupBy(orderLines, (line) => `${line.connection}/${line.body.orderRef}`);
  return orders
    .filter((order) => !NO_RIGHTS.has(order.body.kind))
    .map((order) => ({
      order,
      lines: lines.get(`${order.connection}/${order.externalRef}`) ?? [],
      ownerRef: ownerOf(order, known.roles.get(order.connection), known.organizations),
      dealId: known.deals.get(order.body.effectExternalId ?? '') ?? null,
    }));
}

async function purchases(facts: FactReader): Promise<readonly Purchase[]> {
  const orders = await facts('purchaseOrder');
  return orders.length === 0 ? [] : purchasesOf(orders, await facts('purchaseOrderLine'));
}

/** Our own orders, each with its lines. */
export function purchasesOf(
  orders: readonly Fact<'purchaseOrder'>[],
  orderLines: readonly Fact<'purchaseOrderLine'>[],
): readonly Purchase[] {
  const lines = Map.groupBy(
    orderLines,
    (line) => `${line.connection}/${line.body.purchaseOrderRef}`,
  );
  return orders.map((order) => ({
    order,
    lines: lines.get(`${order.connection}/${order.externalRef}`) ?? [],
  }));
}

function ownerOf(
  order: Fact<'order'>,
  role: string | undefined,
  organizations: Pick<OrganizationLinks, 'accountOf'>,
): string | null {
  if (order.body.posture === 'licensee') return 'own';
  if (role === 'erp') return organizations.accountOf(order.connection, order.body.accountRef);
  return order.body.accountRef ?? null;
}

async function dealsOfOrders(
  tx: TenantTx,
  orders: readonly Fact<'order'>[],
): Promise<ReadonlyMap<string, string>> {
  const externalIds = orders.flatMap((order) =>
    order.body.effectExternalId === undefined ? [] : [order.body.effectExternalId],
  );
  return canonicalIdsOf(tx, externalIds);
}
