import type { TenantTx } from '../db/store.ts';
import { hashJson } from '../kernel/hash.ts';
import type { FactSource, NewFact } from './facts.ts';

/** The current facts that records give under one mapping, as `noun/reference/hash` of each, by record. */
export async function factKeysOf(
  tx: TenantTx,
  source: Omit<FactSource, 'mappingVersion'>,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rows = await tx.sql<{ recordId: string; keys: string[] }>(
    `select f.record_id as "recordId", array_agg(f.noun || '/' || f.external_ref || '/' || f.body_hash) as keys from fact f
     where f.connection = $1 and f.stream = $2 and f.mapping_id = $3 and f.record_id = any($4) and f.recorded_to = 'infinity'
     group by f.record_id`,
    [source.connection, source.stream, source.mappingId, [...recordIds]],
  );
  return new Map(rows.map((row) => [row.recordId, new Set(row.keys)]));
}

/** The key under which {@link factKeysOf} tells a fact from every other. */
export function factKey({ noun, body }: Pick<NewFact, 'noun' | 'body'>): string {
  return `${noun}/${body.externalRef}/${hashJson(body)}`;
}
