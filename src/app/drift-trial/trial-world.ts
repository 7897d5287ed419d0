import { claimEntitlements } from '../../commerce/claim-entitlements.ts';
import { rightsOf } from '../../commerce/rights-from-orders.ts';
import { rightsOfPurchase } from '../../commerce/rights-from-purchases.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import type { FactNoun } from '../../ledger/fact.ts';
import { OWN_CONNECTION } from '../../ledger/facts.ts';
import { linkAccounts } from '../../ledger/identity/link-accounts.ts';
import { linkOrganizations } from '../../ledger/identity/link-organizations.ts';
import { snapshotOf, type Snapshot, type SnapshotFacts } from '../../licensing/snapshot.ts';
import { ordersWithRights, purchasesOf } from '../rights.ts';
import { catalogueOf } from '../sku-catalogue.ts';
import type { Statement, TrialLedger } from './trial-ledger.ts';

/** What each connection of a trial is to the business. */
type Roles = ReadonlyMap<string, string>;

/** Which facts of a snapshot are which noun; links are computed from them. */
const NOUN_OF = {
  skus: 'sku',
  skuAliases: 'skuAlias',
  agreements: 'agreement',
  entitlements: 'entitlement',
  transactions: 'entitlementTransaction',
  allocations: 'allocation',
  groups: 'userGroup',
  seats: 'seatAssignment',
  seatCounts: 'seatCount',
  exceptions: 'exception',
  usage: 'usageObservation',
  devices: 'device',
  hosts: 'host',
  vms: 'vm',
  instances: 'productInstance',
  checkouts: 'checkoutInterval',
  denials: 'denialEvent',
  metricRules: 'metricRuleVersion',
  factorTables: 'factorTable',
  factorRows: 'factorRow',
  ruleSetVersions: 'ruleSetVersion',
  accounts: 'userAccount',
  spells: 'employmentSpell',
  organizations: 'organization',
  opportunities: 'opportunity',
  opportunityLines: 'opportunityLine',
  orders: 'order',
  orderLines: 'orderLine',
  invoices: 'invoice',
  invoiceLines: 'invoiceLine',
  usageSources: 'usageSource',
  upliftPolicies: 'upliftPolicy',
  priceSchedules: 'priceSchedule',
  priceTiers: 'priceTier',
  useRights: 'useRight',
  consumptionRules: 'consumptionRule',
  sublicenses: 'sublicense',
  suiteComponents: 'suiteComponent',
  affiliateDefinitions: 'affiliateDefinition',
  organizationRelationships: 'organizationRelationship',
} as const satisfies {
  readonly [Name in Exclude<keyof SnapshotFacts, 'links' | 'organizationLinks'>]: FactNoun;
};

/** Nouns of which rights are derived, beside those that a reconciliation reads. */
const FOR_RIGHTS = ['purchaseOrder', 'purchaseOrderLine', 'organizationMerger'] as const;

/** The nouns without which a trial would not see what a reconciliation sees. */
export const TRIAL_NOUNS: ReadonlySet<string> = new Set([...Object.values(NOUN_OF), ...FOR_RIGHTS]);

function organizationLinksOf(ledger: TrialLedger, roles: Roles) {
  const organizations = ledger.of('organization');
  return linkOrganizations(
    organizations.filter(({ connection }) => roles.get(connection) === 'erp'),
    organizations.filter(({ connection }) => roles.get(connection) === 'crm'),
    ledger.of('organizationMerger'),
  );
}

/** The rights that the orders and purchases of a trial give, by the rules by which they give them everywhere. */
export function rightsIn(
  ledger: TrialLedger,
  roles: Roles,
  today: LocalDate,
): readonly Statement[] {
  const links = organizationLinksOf(ledger, roles);
  const accounts = new Map(
    links.map((each) => [`${each.customerConnection}/${each.customerRef}`, each.accountRef]),
  );
  const { bySku } = catalogueOf(ledger.of('sku'));
  const orders = ordersWithRights(ledger.of('order'), ledger.of('orderLine'), {
    roles,
    organizations: {
      accountOf: (connection, ref) => accounts.get(`${connection}/${ref ?? ''}`) ?? null,
    },
    deals: new Map(),
  });
  const given = [
    ...claimEntitlements(orders).map((each) => rightsOf(each, bySku, today)),
    ...purchasesOf(ledger.of('purchaseOrder'), ledger.of('purchaseOrderLine')).map((each) =>
      rightsOfPurchase(each, bySku, today),
    ),
  ];
  const own = { connection: OWN_CONNECTION, lineage: null };
  return given.flatMap(({ entitlements, transactions }) => [
    ...entitlements.map((body) => ({ noun: 'entitlement' as const, body, ...own })),
    ...transactions.map((body) => ({ noun: 'entitlementTransaction' as const, body, ...own })),
  ]);
}

/** What a reconciliation of a day reads of a trial, its identities linked. */
export function snapshotIn(
  ledger: TrialLedger,
  roles: Roles,
  asOf: LocalDate,
  knownAt: string,
): Snapshot {
  const { links } = linkAccounts({
    accounts: ledger.of('userAccount'),
    spells: ledger.of('employmentSpell'),
  });
  const facts = Object.fromEntries(
    Object.entries(NOUN_OF).map(([name, noun]) => [name, ledger.of(noun)]),
  ) as unknown as Partial<SnapshotFacts>;
  return snapshotOf(asOf, knownAt, {
    ...facts,
    links,
    organizationLinks: organizationLinksOf(ledger, roles),
  });
}
