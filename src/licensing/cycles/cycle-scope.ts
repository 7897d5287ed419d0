import type { Finding } from '../../canonical/finding.ts';
import type { PositionLine } from '../../canonical/position-line.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { Snapshot } from '../snapshot.ts';
import type { CycleScope } from './cycle-record.ts';

/** What of a run a cycle is about. */
export interface InScope {
  readonly line: (line: Pick<PositionLine, 'skuCode' | 'ownerRef'>) => boolean;
  readonly finding: (finding: Pick<Finding, 'sku' | 'evidence'>) => boolean;
}

/**
 * Cuts a run to the scope of a cycle: all of it; the part numbers of a publisher; one part number; one customer, by its CRM
 * account; or the customers to whom one of our legal entities sells, by its ERP subsidiary. A finding without a part number is
 * about no publisher or product, and one without a customer about no customer.
 */
export function scopeOf(scope: CycleScope, snapshot: Snapshot): InScope {
  const { kind, ref } = scope;
  if (kind === 'all' || ref === null) return { line: () => true, finding: () => true };
  if (kind === 'publisher' || kind === 'product') {
    const codes = kind === 'product' ? new Set([ref]) : codesOf(ref, snapshot);
    return {
      line: ({ skuCode }) => codes.has(skuCode),
      finding: ({ sku }) => sku !== null && codes.has(sku),
    };
  }
  return scopeOfCustomers(
    kind === 'customer' ? new Set([ref]) : customersOf(ref, snapshot),
    snapshot,
  );
}

/** Cuts a run to these parties, by their CRM accounts. */
export function scopeOfCustomers(owners: ReadonlySet<string>, snapshot: Snapshot): InScope {
  const ownerOf = ownersOfFacts(snapshot);
  return {
    line: ({ ownerRef }) => owners.has(ownerRef),
    finding: ({ evidence }) => evidence.some((id) => owners.has(ownerOf.get(id) ?? '')),
  };
}

function codesOf(publisher: string, snapshot: Snapshot): ReadonlySet<string> {
  return new Set(
    snapshot.skus
      .filter(({ body }) => body.publisherName === publisher)
      .map(({ body }) => body.skuCode),
  );
}

function customersOf(subsidiary: string, snapshot: Snapshot): ReadonlySet<string> {
  const served = new Set(
    snapshot.organizations
      .filter(({ body }) => body.subsidiaryRef === subsidiary)
      .map(({ connection, externalRef }) => byAccount(connection, externalRef)),
  );
  return new Set(
    snapshot.organizationLinks
      .filter(({ customerConnection, customerRef }) =>
        served.has(byAccount(customerConnection, customerRef)),
      )
      .map(({ accountRef }) => accountRef),
  );
}

/** The customer of each record that names one. Only what the CRM says, and we ourselves, names the CRM's accounts. */
function ownersOfFacts(snapshot: Snapshot): ReadonlyMap<string, string> {
  const { opportunities, agreements, orders, entitlements } = snapshot;
  const named = [
    ...opportunities.map(({ factId, body }) => [factId, body.accountRef] as const),
    ...agreements.map(({ factId, body }) => [factId, body.counterpartyRef] as const),
    ...orders
      .filter(({ body }) => body.kind === 'crm')
      .map(({ factId, body }) => [factId, body.accountRef] as const),
    ...entitlements.map(({ factId, body }) => [factId, body.ownerRef] as const),
  ];
  return new Map(named.flatMap(([id, owner]) => (owner === undefined ? [] : [[id, owner]])));
}
