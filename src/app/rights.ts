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
import type { SkuCatalogue } from './sku-catalogue.ts';

/** Orders of the CRM show what was sold; rights come from the ERP's orders and from opening balances (contract §9). */
const NO_RIGHTS = new Set(['crm']);

/**
 * Writes the entitlements and transactions that all orders and purchases give now. Drafts of deals whose order has not come yet stay;
 * rights of an order or a line that vanished are reversed. The caller holds the lock of our own facts from before its
 * first read.
 */
export async function writeRights(
  tx: TenantTx,
  world: {
    readonly organizations: OrganizationLinks;
    readonly catalogue: SkuCatalogue;
    readonly today: LocalDate;
  },
): Promise<void> {
  const orders = claimEntitlements(await rightsOrders(tx, world.organizations));
  const { bySku } = world.catalogue;
  const sold = (await withReversals(tx, orders)).map((source) =>
    rightsOf(source, bySku, world.today),
  );
  const bought = (await purchases(tx)).map((each) => rightsOfPurchase(each, bySku, world.today));
  const given = [...sold, ...bought];
  const refs = new Set(given.flatMap((each) => each.entitlements.map((own) => own.externalRef)));
  const rights = [...given, ...(await goneRights(tx, refs))];
  const entitlements = rights.flatMap((each) => each.entitlements);
  await decideFacts(tx, 'entitlement', entitlements, {
    externalRefs: entitlements.map(({ externalRef }) => externalRef),
  });
  await decideFacts(
    tx,
    'entitlementTransaction',
    rights.flatMap((each) => each.transactions),
  );
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
): Promise<readonly RightsOrder[]> {
  const roles = new Map((await listConnections(tx)).map((each) => [each.id, each.role]));
  const orders = (await factsOf(tx, 'order')).filter((order) => !NO_RIGHTS.has(order.body.kind));
  const lines = Map.groupBy(
    await factsOf(tx, 'orderLine'),
    (line) => `${line.connection}/${line.body.orderRef}`,
  );
  const deals = await dealsOfOrders(tx, orders);
  return orders.map((order) => ({
    order,
    lines: lines.get(`${order.connection}/${order.externalRef}`) ?? [],
    ownerRef: ownerOf(order, roles.get(order.connection), organizations),
    dealId: deals.get(order.body.effectExternalId ?? '') ?? null,
  }));
}

async function purchases(tx: TenantTx): Promise<readonly Purchase[]> {
  const orders = await factsOf(tx, 'purchaseOrder');
  if (orders.length === 0) return [];
  const lines = Map.groupBy(
    await factsOf(tx, 'purchaseOrderLine'),
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
  organizations: OrganizationLinks,
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
