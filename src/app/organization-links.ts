import type { TenantTx } from '../db/store.ts';
import { listConnections } from '../intake/connections.ts';
import type { Fact } from '../ledger/fact.ts';
import { linkOrganizations, type OrganizationLink } from '../ledger/identity/link-organizations.ts';
import { readFacts, type FactReader } from './fact-reader.ts';

/** Which ERP customer is which CRM account, over all connections of the company. */
export interface OrganizationLinks {
  readonly links: readonly OrganizationLink[];
  readonly accounts: readonly Fact<'organization'>[];
  readonly customers: readonly Fact<'organization'>[];
  /** The CRM account of an ERP customer; null when no rule links one. */
  accountOf(customerConnection: string, customerRef: string | undefined): string | null;
  /**
   * The ERP customer of a CRM account in one ERP. Of several (one a subsidiary) the only one of the currency counts;
   * null when none or several are left.
   */
  customerOf(
    erpConnection: string,
    account: {
      readonly connection: string;
      readonly ref: string | undefined;
      readonly currency: string | undefined;
    },
  ): Fact<'organization'> | null;
}

/** Loads the organisations and links them by the ledger's rules. */
export async function loadOrganizationLinks(
  tx: TenantTx,
  facts: FactReader = readFacts(tx),
): Promise<OrganizationLinks> {
  const connections = await listConnections(tx);
  const names = (role: string): Set<string> =>
    new Set(connections.filter((each) => each.role === role).map((each) => each.id));
  const crm = names('crm');
  const erp = names('erp');
  const organizations = await facts('organization');
  const accounts = organizations.filter((fact) => crm.has(fact.connection));
  const customers = organizations.filter(
    (fact) => erp.has(fact.connection) && fact.body.kind === 'customer',
  );
  const links = linkOrganizations(customers, accounts, await facts('organizationMerger'));
  const byCustomer = new Map(
    links.map((link) => [`${link.customerConnection}/${link.customerRef}`, link]),
  );
  const byAccount = Map.groupBy(
    links,
    (link) => `${link.customerConnection}/${link.accountConnection}/${link.accountRef}`,
  );
  const customerFacts = new Map(
    customers.map((fact) => [`${fact.connection}/${fact.externalRef}`, fact]),
  );
  return {
    links,
    accounts,
    customers,
    accountOf: (connection, ref) =>
      byCustomer.get(`${connection}/${ref ?? ''}`)?.accountRef ?? null,
    customerOf: (erpConnection, account) => {
      const found = (
        byAccount.get(`${erpConnection}/${account.connection}/${account.ref ?? ''}`) ?? []
      ).flatMap((link) => customerFacts.get(`${erpConnection}/${link.customerRef}`) ?? []);
      const fitting =
        found.length > 1 ? found.filter((fact) => fact.body.currency === account.currency) : found;
      return fitting.length === 1 ? (fitting[0] ?? null) : null;
    },
  };
}
