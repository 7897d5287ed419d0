import { contains, type LocalDate } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import { bySource, groupBy } from './sort.ts';

/** What all sources together say about one part number. */
export interface CatalogueEntry {
  readonly skuCode: string;
  readonly name: string;
  /** Null for what is not licensed, such as services. */
  readonly metricCode: string | null;
  readonly rightsPerPack: number;
  /** True if two sources name different metrics or pack sizes. */
  readonly conflict: boolean;
  readonly factIds: readonly string[];
}

export interface Catalogue {
  /** Our part number for what a connection calls `code`; the code itself when there is no alias. */
  resolve(connection: string, code: string): string;
  entry(skuCode: string): CatalogueEntry | undefined;
}

/**
 * The product catalogue on a day. Of several sources that know a part number, the one that states a metric speaks;
 * an ERP item without a metric does not unmake the CRM's. Aliases hold for the connection that states them.
 */
export function buildCatalogue(
  skus: readonly Fact<'sku'>[],
  aliases: readonly Fact<'skuAlias'>[],
  asOf: LocalDate,
): Catalogue {
  const aliasOf = new Map<string, string>();
  for (const { connection, body } of aliases.toSorted(bySource)) {
    const inForce = contains({ from: body.validFrom ?? asOf, to: body.validTo }, asOf);
    if (inForce) aliasOf.set(`${connection}/${body.externalSku}`, body.skuCode);
  }
  const resolve = (connection: string, code: string): string =>
    aliasOf.get(`${connection}/${code}`) ?? code;
  const groups = groupBy(skus.toSorted(bySource), (sku) =>
    resolve(sku.connection, sku.body.skuCode),
  );
  const entries = new Map(
    [...groups].map(([skuCode, facts]) => [skuCode, entryOf(skuCode, facts)]),
  );
  return { resolve, entry: (skuCode) => entries.get(skuCode) };
}

function entryOf(skuCode: string, facts: readonly Fact<'sku'>[]): CatalogueEntry {
  const metered = facts.filter((each) => each.body.metricCode !== undefined);
  const speaker = (metered[0] ?? facts[0])?.body;
  const terms = metered.map((each) => `${each.body.metricCode}×${each.body.rightsPerPack}`);
  return {
    skuCode,
    name: speaker?.name ?? skuCode,
    metricCode: speaker?.metricCode ?? null,
    rightsPerPack: speaker?.rightsPerPack ?? 1,
    conflict: new Set(terms).size > 1,
    factIds: facts.map((each) => each.factId),
  };
}
