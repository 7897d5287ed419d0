import type { EntitlementTransaction } from '../canonical/entitlement-transaction.ts';
import type { Entitlement } from '../canonical/entitlement.ts';
import { entitlementRefOf, rightsOf, type RightsOrder } from '../commerce/rights-from-orders.ts';
import type { TenantTx } from '../db/store.ts';
import { listConnections } from '../intake/connections.ts';
import { canonicalIdsOf } from '../delivery/intents.ts';
import type { LocalDate } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import { decideFacts, factsOf } from '../ledger/facts.ts';
import type { OrganizationLinks } from './organization-links.ts';
import type { SkuCatalogue } from './sku-catalogue.ts';

/** Orders of the CRM show what was sold; rights come from the ERP's orders and from opening balances (contract §9). */
const NO_RIGHTS = new Set(['crm']);

/**
 * Writes the entitlements and transactions that all orders give now. Drafts of deals whose order has not come yet stay;
 * rights of an order that vanished are closed in the ledger (their history stays).
 */
export async function writeRights(
  tx: TenantTx,
  world: {
    readonly organizations: OrganizationLinks;
    readonly catalogue: SkuCatalogue;
    readonly today: LocalDate;
  },
): Promise<readonly Entitlement[]> {
  const known = await factsOf(tx, 'entitlement');
  const sources = withReversals(await rightsOrders(tx, world.organizations), known);
  const entitlements: Entitlement[] = [];
  const transactions: EntitlementTransaction[] = [];
  for (const source of sources) {
    const rights = rightsOf(source, world.catalogue.bySku, world.today);
    entitlements.push(...rights.entitlements);
    transactions.push(...rights.transactions);
  }
  const fromOrders = known
    .filter((fact) => fact.body.orderRef !== undefined)
    .map((fact) => fact.externalRef);
  const refs = [...new Set([...fromOrders, ...entitlements.map((each) => each.externalRef)])];
  await decideFacts(tx, 'entitlement', firstPerRef(entitlements), { externalRefs: refs });
  await decideFacts(tx, 'entitlementTransaction', firstPerRef(transactions));
  return entitlements;
}

/**
 * Reopening a deal reverses its rights at once, before the ERP shows the closed lines. What we know of an order from
 * before the reversal must not bring the rights back; what the ERP says of it afterwards counts again.
 */
function withReversals(
  sources: readonly RightsOrder[],
  known: readonly Fact<'entitlement'>[],
): readonly RightsOrder[] {
  const reversedAt = new Map(
    known
      .filter(({ body }) => body.status === 'reversed' && body.dealRef !== undefined)
      .map((fact) => [fact.externalRef, fact.recordedFrom]),
  );
  return sources.map((source) => ({
    ...source,
    lines: source.lines.map((line) => {
      const since = reversedAt.get(entitlementRefOf(source, line));
      const isNewer =
        since === undefined || line.recordedFrom > since || source.order.recordedFrom > since;
      return isNewer ? line : { ...line, body: { ...line.body, closed: true } };
    }),
  }));
}

/** Two lines that name one entitlement are a mistake in the ERP: the first counts, the other gives no rights twice. */
function firstPerRef<T extends { readonly externalRef: string }>(
  items: readonly T[],
): readonly T[] {
  return [...new Map(items.toReversed().map((item) => [item.externalRef, item])).values()];
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
