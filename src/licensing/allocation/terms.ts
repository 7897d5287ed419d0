import { contains } from '../../kernel/dates.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import { buildCatalogue } from '../catalogue.ts';
import type { Snapshot } from '../snapshot.ts';
import { bySource, groupBy } from '../sort.ts';
import { orgTreeOf, type OrgTree } from './org-tree.ts';
import type { Dimension } from './profiles.ts';

/** What agreements say of who may draw on an entitlement, and for what. */
export interface Terms {
  readonly tree: OrgTree;
  /** The dimensions that any rule names; demand that differs in others alone need not be told apart. */
  readonly dimensions: ReadonlySet<Dimension>;
  rulesOf(entitlement: Fact<'entitlement'>): readonly Fact<'consumptionRule'>['body'][];
  sublicensesOf(entitlement: Fact<'entitlement'>): readonly Fact<'sublicense'>['body'][];
  useRightsOf(entitlement: Fact<'entitlement'>): readonly Fact<'useRight'>['body'][];
  affiliatesOf(entitlement: Fact<'entitlement'>): Fact<'affiliateDefinition'>['body'] | undefined;
  /** The names by which terms speak of a part number: its model, and itself. */
  modelsOf(skuCode: string): readonly string[];
}

/** True if any term of an agreement lets pools share, or keeps parties from rights. */
export function sharesRights(snapshot: Snapshot): boolean {
  const { affiliateDefinitions, consumptionRules, useRights, sublicenses, suiteComponents } =
    snapshot;
  return (
    affiliateDefinitions.length +
      consumptionRules.length +
      useRights.length +
      sublicenses.length +
      suiteComponents.length >
    0
  );
}

export function termsOf(snapshot: Snapshot): Terms {
  const { asOf } = snapshot;
  const keyed = <Noun extends 'consumptionRule' | 'useRight' | 'sublicense'>(
    facts: readonly Fact<Noun>[],
    refOf: (body: Fact<Noun>['body']) => string | undefined,
  ): ReadonlyMap<string, readonly Fact<Noun>[]> =>
    groupBy(facts.toSorted(bySource), ({ connection, body }) =>
      byAccount(connection, refOf(body) ?? ''),
    );
  const rules = keyed(snapshot.consumptionRules, ({ entitlementRef }) => entitlementRef);
  const rights = keyed(snapshot.useRights, ({ entitlementRef }) => entitlementRef);
  const sublicenses = keyed(
    snapshot.sublicenses.filter(({ body }) =>
      contains({ from: body.validFrom ?? asOf, to: body.validTo }, asOf),
    ),
    ({ parentEntitlementRef }) => parentEntitlementRef,
  );
  const definitions = new Map(
    snapshot.affiliateDefinitions
      .toSorted(bySource)
      .map(({ body }) => [body.agreementRef, body] as const),
  );
  const bodies = <Noun extends 'consumptionRule' | 'useRight' | 'sublicense'>(
    map: ReadonlyMap<string, readonly Fact<Noun>[]>,
    entitlement: Fact<'entitlement'>,
  ): readonly Fact<Noun>['body'][] =>
    namesOf(entitlement).flatMap((name) => (map.get(name) ?? []).map(({ body }) => body));
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, asOf);
  const models = groupBy(snapshot.skus.toSorted(bySource), ({ connection, body }) =>
    catalogue.resolve(connection, body.skuCode),
  );
  const dimensions = new Set(snapshot.consumptionRules.map(({ body }) => body.dimension));
  if (definitions.size > 0 || snapshot.sublicenses.length > 0) dimensions.add('org');
  return {
    tree: orgTreeOf(snapshot),
    dimensions,
    rulesOf: (entitlement) => bodies(rules, entitlement),
    sublicensesOf: (entitlement) => bodies(sublicenses, entitlement),
    useRightsOf: (entitlement) => bodies(rights, entitlement),
    affiliatesOf: ({ body }) => definitions.get(body.agreementRef ?? ''),
    modelsOf: (skuCode) => [
      skuCode,
      ...(models.get(skuCode) ?? []).flatMap(({ body }) => body.softwareModelRef ?? []),
    ],
  };
}

/**
 * The names by which a term may speak of an entitlement: its own, and that of the order or order line which it was granted by, in
 * the system that has them, for that system does not know the entitlement itself.
 */
export function namesOf({ connection, externalRef, body }: Fact<'entitlement'>): readonly string[] {
  const { orderConnection, orderRef, orderLineRef } = body;
  const ordered =
    orderConnection === undefined
      ? []
      : [orderLineRef, orderRef].flatMap((ref) =>
          ref === undefined ? [] : [byAccount(orderConnection, ref)],
        );
  return [...new Set([byAccount(connection, externalRef), ...ordered])];
}
