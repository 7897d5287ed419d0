import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';

/** A current fact as the record that gave it sees it. */
export interface RecordFact {
  readonly recordId: string;
  readonly noun: string;
  readonly externalRef: string;
  readonly body: JsonObject;
}

/** The current facts that these records gave under one mapping. */
export async function factsOfRecords(
  tx: TenantTx,
  source: { readonly connection: string; readonly stream: string; readonly mappingId: string },
  recordIds: readonly string[],
): Promise<readonly RecordFact[]> {
  return tx.sql<RecordFact>(
    `select f.record_id as "recordId", f.noun, f.external_ref as "externalRef", f.body from fact f
     where f.tenant_id = $1 and f.connection = $2 and f.stream = $3 and f.mapping_id = $4 and f.record_id = any($5)
       and f.recorded_to = 'infinity'
     order by f.record_id, f.noun, f.external_ref`,
    [tx.tenantId, source.connection, source.stream, source.mappingId, [...recordIds]],
  );
}

/** Who gives the current fact of a reference. */
export interface FactHolder {
  readonly externalRef: string;
  readonly recordId: string | null;
  readonly stream: string | null;
  readonly mappingId: string | null;
}

/** The records that give the current facts of these references. References without a fact are left out. */
export async function holdersOf(
  tx: TenantTx,
  noun: string,
  connection: string,
  refs: readonly string[],
): Promise<readonly FactHolder[]> {
  if (refs.length === 0) return [];
  return tx.sql<FactHolder>(
    `select f.external_ref as "externalRef", f.record_id as "recordId", f.stream, f.mapping_id as "mappingId" from fact f
     where f.tenant_id = $1 and f.noun = $2 and f.connection = $3 and f.external_ref = any($4) and f.recorded_to = 'infinity'`,
    [tx.tenantId, noun, connection, [...refs]],
  );
}

/** Different values of the text members of a noun's current facts, at most `most` of each; for suggestions. */
export async function knownValues(
  tx: TenantTx,
  noun: string,
  most: number,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = await tx.sql<{ name: string; values: readonly string[] }>(
    `select m.key as name, (array_agg(distinct m.value))[1:$3] as values
     from (select f.body from fact f where f.tenant_id = $1 and f.noun = $2 and f.recorded_to = 'infinity' limit 500) s,
       lateral jsonb_each_text(s.body) as m (key, value)
     where m.value <> '' and length(m.value) <= 200 group by m.key`,
    [tx.tenantId, noun, most],
  );
  return Object.fromEntries(rows.map(({ name, values }) => [name, values]));
}
