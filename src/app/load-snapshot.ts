import type { TenantTx } from '../db/store.ts';
import { listConnections } from '../intake/connections.ts';
import type { LocalDate } from '../kernel/dates.ts';
import type { Fact, FactNoun } from '../ledger/fact.ts';
import { factsOf, OWN_CONNECTION } from '../ledger/facts.ts';
import { linkAccounts, type LinkAccountsInput } from '../ledger/identity/link-accounts.ts';
import type { Identities } from '../ledger/identity/identities.ts';
import { linkOrganizations } from '../ledger/identity/link-organizations.ts';
import { snapshotOf, type Snapshot } from '../licensing/snapshot.ts';
import { companySettingAt } from './company-settings.ts';

/** A snapshot, and what the identity rules made of it. */
export interface LoadedSnapshot {
  readonly snapshot: Snapshot;
  readonly identities: Identities;
}

/**
 * Reads the world as known at an instant and links its identities. The same instant gives the same snapshot whenever
 * it is asked for, which is what makes a position explainable later (L5).
 */
export async function loadSnapshot(
  tx: TenantTx,
  asOf: LocalDate,
  knownAt: Date,
): Promise<LoadedSnapshot> {
  const of: Read = (noun) => factsOf(tx, noun, { knownAt });
  const accounts = await of('userAccount');
  const spells = await of('employmentSpell');
  const organizations = await of('organization');
  const identities = linkAccounts({ accounts, spells, manual: await manualLinks(tx, knownAt) });
  const roles = new Map((await listConnections(tx)).map((each) => [each.id, each.role]));
  const detection = await companySettingAt(tx, 'detection', knownAt);
  const facts = {
    ...(await rightsFacts(of)),
    ...(await demandFacts(of)),
    ...(await paperFacts(of)),
    // Only what two people decided here takes demand out; no other system's word does.
    exceptions: await factsOf(tx, 'exception', { knownAt, connection: OWN_CONNECTION }),
    accounts,
    spells,
    organizations,
    links: identities.links,
    organizationLinks: linkOrganizations(
      organizations.filter((fact) => roles.get(fact.connection) === 'erp'),
      organizations.filter((fact) => roles.get(fact.connection) === 'crm'),
      await of('organizationMerger'),
    ),
  };
  const snapshot = snapshotOf(asOf, knownAt.toISOString(), facts, { detection });
  return { snapshot, identities };
}

type Read = <Name extends FactNoun>(noun: Name) => Promise<readonly Fact<Name>[]>;

/** What says what is owned, who may draw on it, and how it is counted. */
async function rightsFacts(of: Read) {
  return {
    skus: await of('sku'),
    skuAliases: await of('skuAlias'),
    agreements: await of('agreement'),
    entitlements: await of('entitlement'),
    transactions: await of('entitlementTransaction'),
    allocations: await of('allocation'),
    groups: await of('userGroup'),
    useRights: await of('useRight'),
    consumptionRules: await of('consumptionRule'),
    sublicenses: await of('sublicense'),
    suiteComponents: await of('suiteComponent'),
    affiliateDefinitions: await of('affiliateDefinition'),
    organizationRelationships: await of('organizationRelationship'),
    metricRules: await of('metricRuleVersion'),
    factorTables: await of('factorTable'),
    factorRows: await of('factorRow'),
    ruleSetVersions: await of('ruleSetVersion'),
  };
}

/** What is held and used, and who would tell of it. */
async function demandFacts(of: Read) {
  return {
    seats: await of('seatAssignment'),
    seatCounts: await of('seatCount'),
    usage: await of('usageObservation'),
    usageSources: await of('usageSource'),
    devices: await of('device'),
    hosts: await of('host'),
    vms: await of('vm'),
    instances: await of('productInstance'),
    checkouts: await of('checkoutInterval'),
    denials: await of('denialEvent'),
  };
}

/** What was sold, ordered and billed, and at which prices. */
async function paperFacts(of: Read) {
  return {
    opportunities: await of('opportunity'),
    opportunityLines: await of('opportunityLine'),
    orders: await of('order'),
    orderLines: await of('orderLine'),
    invoices: await of('invoice'),
    invoiceLines: await of('invoiceLine'),
    upliftPolicies: await of('upliftPolicy'),
    priceSchedules: await of('priceSchedule'),
    priceTiers: await of('priceTier'),
  };
}

/** Links that a person decided; they win over every rule. */
async function manualLinks(
  tx: TenantTx,
  knownAt: Date,
): Promise<NonNullable<LinkAccountsInput['manual']>> {
  const facts = await factsOf(tx, 'identityLink', { knownAt, where: { method: 'manual' } });
  return facts.map(({ factId, body }) => ({
    accountConnection: body.accountConnection,
    accountRef: body.accountRef,
    personKey: body.personRef,
    method: 'manual' as const,
    confidence: body.confidence,
    evidence: [factId],
  }));
}
