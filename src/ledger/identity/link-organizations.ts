import type { Fact } from '../fact.ts';
import { normaliseCompanyName } from './normalise.ts';

/** The version of the rules below; a run records it. */
export const LINK_ORGANIZATIONS_VERSION = 2;

/** An ERP customer that is a CRM account. One account may have several customers, one per selling subsidiary. */
export interface OrganizationLink {
  readonly customerConnection: string;
  readonly customerRef: string;
  readonly accountConnection: string;
  readonly accountRef: string;
  readonly method: 'foreignRef' | 'nameAndCountry';
  readonly confidence: number;
  readonly evidence: readonly string[];
}

type Organization = Fact<'organization'>;

/**
 * Finds the CRM account of each ERP customer. Pure; the order of the input does not matter.
 * 1. `foreignRef`: the customer carries the account's id, or the account the customer's (confidence 1);
 * 2. `nameAndCountry`: same company name and same stated country, and neither side has a second one (0.85).
 * Names are not keys: what is not unique, or has no country, is linked by nobody. A customer that names an account which
 * was merged means the account that lives on.
 */
export function linkOrganizations(
  erpOrganizations: readonly Organization[],
  accounts: readonly Organization[],
  mergers: readonly Fact<'organizationMerger'>[] = [],
): readonly OrganizationLink[] {
  const survivorOf = survivors(mergers);
  const links: OrganizationLink[] = [];
  // Who sells to us is nobody's account, though a customer may bear the same name.
  const customers = erpOrganizations.filter(({ body }) => body.kind !== 'vendor');
  const accountsById = groupBy(accounts, (each) => each.externalRef);
  const accountsByForeign = groupBy(accounts, (each) => each.body.foreignRef ?? null);
  const accountsByName = groupBy(accounts, nameKey);
  const customersByName = groupBy(customers, nameKey);
  for (const customer of customers) {
    const named = unique([
      ...(accountsById.get(survivorOf(customer.body.foreignRef ?? '')) ?? []),
      ...(accountsByForeign.get(customer.externalRef) ?? []),
    ]);
    if (named !== null) {
      links.push(link(customer, named, 'foreignRef', 1));
      continue;
    }
    // A customer that names an account which is not there is not re-interpreted by its name.
    if (customer.body.foreignRef !== undefined) continue;
    const key = nameKey(customer);
    const alike = key === null ? null : unique(accountsByName.get(key) ?? []);
    const alone = key !== null && customersByName.get(key)?.length === 1;
    if (alike !== null && alone) links.push(link(customer, alike, 'nameAndCountry', 0.85));
  }
  return links.toSorted((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
}

/** Follows mergers to their end; a circle, which no system makes, ends where it closes. */
function survivors(mergers: readonly Fact<'organizationMerger'>[]): (ref: string) => string {
  const next = new Map(mergers.map(({ externalRef, body }) => [externalRef, body.survivorRef]));
  return (ref) => {
    const seen = new Set<string>();
    let last = ref;
    for (let at = next.get(ref); at !== undefined && !seen.has(at); at = next.get(at)) {
      seen.add(at);
      last = at;
    }
    return last;
  };
}

function link(
  customer: Organization,
  account: Organization,
  method: OrganizationLink['method'],
  confidence: number,
): OrganizationLink {
  return {
    customerConnection: customer.connection,
    customerRef: customer.externalRef,
    accountConnection: account.connection,
    accountRef: account.externalRef,
    method,
    confidence,
    evidence: [customer.factId, account.factId],
  };
}

function nameKey(organization: Organization): string | null {
  const { legalName, countryCode } = organization.body;
  return countryCode === undefined ? null : `${countryCode} ${normaliseCompanyName(legalName)}`;
}

function unique(found: readonly Organization[]): Organization | null {
  const distinct = new Map(found.map((each) => [each.factId, each]));
  return distinct.size === 1 ? (found[0] ?? null) : null;
}

function groupBy(
  organizations: readonly Organization[],
  keyOf: (organization: Organization) => string | null,
): ReadonlyMap<string, readonly Organization[]> {
  const groups = new Map<string, Organization[]>();
  for (const each of organizations) {
    const key = keyOf(each);
    if (key === null) continue;
    const group = groups.get(key) ?? [];
    group.push(each);
    groups.set(key, group);
  }
  return groups;
}

function sortKey(each: OrganizationLink): string {
  return `${each.customerConnection}/${each.customerRef}`;
}
