import type { Sku } from '../canonical/sku.ts';
import type { TenantTx } from '../db/store.ts';
import type { Fact } from '../ledger/fact.ts';
import { readFacts, type FactReader } from './fact-reader.ts';

/** The product catalogue of the company: what we sell (from the CRM) and what we bought (from contracts). */
export interface SkuCatalogue {
  readonly bySku: ReadonlyMap<string, Sku>;
  /** The fact of a SKU in one connection, whose reference is that system's own product id. */
  inConnection(connection: string, skuCode: string): Fact<'sku'> | null;
}

/** Loads the catalogue. Where several connections know a SKU, the one that names a metric counts. */
export async function loadSkuCatalogue(
  tx: TenantTx,
  read: FactReader = readFacts(tx),
): Promise<SkuCatalogue> {
  return catalogueOf(await read('sku'));
}

/** The catalogue of these SKUs. */
export function catalogueOf(facts: readonly Fact<'sku'>[]): SkuCatalogue {
  const bySku = new Map<string, Sku>();
  for (const { body } of facts) {
    const known = bySku.get(body.skuCode);
    if (known === undefined || (known.metricCode === undefined && body.metricCode !== undefined))
      bySku.set(body.skuCode, body);
  }
  const byConnection = new Map(
    facts.map((fact) => [`${fact.connection}/${fact.body.skuCode}`, fact]),
  );
  return {
    bySku,
    inConnection: (connection, skuCode) => byConnection.get(`${connection}/${skuCode}`) ?? null,
  };
}
