import type { Finding } from '../../canonical/finding.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { CycleScope } from '../../licensing/cycles/cycle-record.ts';
import { scopeOf, scopeOfCustomers, type InScope } from '../../licensing/cycles/cycle-scope.ts';
import { OWN } from '../../licensing/pools.ts';
import type { Snapshot } from '../../licensing/snapshot.ts';

/** To what a pack is cut beside the scope of its cycle. */
export interface CutTo {
  /** Part numbers of this publisher alone. */
  readonly publisher: string | null;
  /** Parties of this country alone, ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

/** What stays in a pack. */
export interface Cut extends InScope {
  /** True if everything stays. */
  readonly whole: boolean;
}

/** The cut of a pack: within the scope of its cycle, one publisher's part numbers, and the parties of one country. */
export function cutOf(scope: CycleScope, { publisher, country }: CutTo, snapshot: Snapshot): Cut {
  const parts = [
    scopeOf(scope, snapshot),
    ...(publisher === null ? [] : [scopeOf({ kind: 'publisher', ref: publisher }, snapshot)]),
    ...(country === null ? [] : [scopeOfCustomers(partiesIn(country, snapshot), snapshot)]),
  ];
  return {
    whole: scope.kind === 'all' && publisher === null && country === null,
    line: (line) => parts.every((part) => part.line(line)),
    finding: (finding: Pick<Finding, 'sku' | 'evidence'>) =>
      parts.every((part) => part.finding(finding)),
  };
}

/**
 * The CRM accounts whose own record, or that of their ERP customer, names the country; and we ourselves where every organisation
 * of ours that names a country names this one.
 */
function partiesIn(country: string, snapshot: Snapshot): ReadonlySet<string> {
  const { organizations, organizationLinks } = snapshot;
  const there = new Set(
    organizations
      .filter(({ body }) => body.countryCode === country)
      .map(({ connection, externalRef }) => byAccount(connection, externalRef)),
  );
  const ours = organizations.filter(({ body }) => body.kind === 'internal' && body.countryCode !== undefined); // prettier-ignore
  const own = ours.length > 0 && ours.every(({ body }) => body.countryCode === country);
  const linked = organizationLinks.filter(
    (each) =>
      there.has(byAccount(each.accountConnection, each.accountRef)) ||
      there.has(byAccount(each.customerConnection, each.customerRef)),
  );
  const direct = organizations.filter(({ body, connection, externalRef }) => body.kind !== 'internal' && there.has(byAccount(connection, externalRef))); // prettier-ignore
  return new Set([
    ...direct.map(({ externalRef }) => externalRef),
    ...linked.map(({ accountRef }) => accountRef),
    ...(own ? [OWN] : []),
  ]);
}
