import type { SoftwareProduct } from '../canonical/software-product.ts';
import type { Fact } from '../ledger/fact.ts';
import { buildCatalogue } from './catalogue.ts';
import type { VarianceRow } from './four-way/variance.ts';
import type { Snapshot } from './snapshot.ts';
import { bySource } from './sort.ts';

/** By what utilisation is grouped. */
export const KPI_GROUPS = ['product', 'family', 'criticality', 'customer', 'country', 'region', 'posture'] as const; // prettier-ignore
export type KpiGroup = (typeof KPI_GROUPS)[number];

/** What the catalogue says of products beyond their part numbers. */
export interface ProductFacts {
  readonly models: readonly Fact<'softwareModel'>[];
  readonly products: readonly Fact<'softwareProduct'>[];
}

/** The group of what no source speaks of. */
const UNKNOWN = 'unknown';

/** From the least to the most that the business depends on. */
const CRITICALITIES = ['low', 'medium', 'high', 'critical'] as const;

/**
 * The group of a row. `family` is the software product whose forms several part numbers license, by its name; `criticality` is
 * the product's, the highest where sources differ, so that nothing looks dispensable by a doubt; `country` and `region` are the
 * owner's, the region being where its data must stay. What no source states is `unknown`, never a guess.
 */
export function kpiGrouping(
  by: KpiGroup,
  snapshot: Snapshot,
  facts: ProductFacts,
): (row: VarianceRow) => string {
  switch (by) {
    case 'product':
      return ({ skuCode }) => skuCode;
    case 'customer':
      return ({ ownerName, ownerRef }) => ownerName ?? ownerRef;
    case 'posture':
      return ({ posture }) => posture;
    case 'country':
      return ofOwner(snapshot, ({ body }) => body.countryCode);
    case 'region':
      return ofOwner(snapshot, ({ body }) => body.dataResidencyRegion);
    case 'family':
      return ofProduct(snapshot, facts, (products) => products[0]?.name);
    case 'criticality':
      return ofProduct(snapshot, facts, (products) =>
        CRITICALITIES.findLast((each) => products.some(({ criticality }) => criticality === each)),
      );
  }
}

function ofOwner(
  { organizations }: Snapshot,
  read: (organization: Fact<'organization'>) => string | undefined,
): (row: VarianceRow) => string {
  const groups = new Map(organizations.map((each) => [each.externalRef, read(each)]));
  return ({ ownerRef }) => groups.get(ownerRef) ?? UNKNOWN;
}

/** A part number leads to its products through the forms that it licenses, each within the connection that names it. */
function ofProduct(
  { skus, skuAliases, asOf }: Snapshot,
  { models, products }: ProductFacts,
  read: (products: readonly SoftwareProduct[]) => string | undefined,
): (row: VarianceRow) => string {
  const key = (connection: string, ref: string): string => JSON.stringify([connection, ref]);
  const modelOf = new Map(models.map((each) => [key(each.connection, each.externalRef), each]));
  const productOf = new Map(products.map((each) => [key(each.connection, each.externalRef), each]));
  const catalogue = buildCatalogue(skus, skuAliases, asOf);
  const found = new Map<string, SoftwareProduct[]>();
  for (const { connection, body } of skus.toSorted(bySource)) {
    const model = modelOf.get(key(connection, body.softwareModelRef ?? ''));
    const product = productOf.get(key(connection, model?.body.productRef ?? ''));
    if (product === undefined) continue;
    const skuCode = catalogue.resolve(connection, body.skuCode);
    found.set(skuCode, [...(found.get(skuCode) ?? []), product.body]);
  }
  return ({ skuCode }) => read(found.get(skuCode) ?? []) ?? UNKNOWN;
}
