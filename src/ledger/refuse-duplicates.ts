import type { TenantTx } from '../db/store.ts';
import type { RefusedFact } from './fact.ts';

interface Held {
  readonly recordId: string;
  readonly noun: string;
  readonly externalRef: string;
  readonly heldBy: string;
}

/**
 * Takes facts whose reference another record holds out of the staged ones: the first holder keeps it. A holder that is
 * among the records and no longer gives the reference holds nothing.
 */
export async function refuseDuplicates(
  tx: TenantTx,
  source: { readonly connection: string; readonly stream: string; readonly mappingId: string },
  table: string,
  records: readonly { readonly recordId: string }[],
): Promise<readonly RefusedFact[]> {
  const held = await tx.sql<Held>(
    `with given as (
       select s.fact_id, s.noun, s.external_ref, s.record_id, row_number() over same as turn,
         first_value(s.record_id) over same as first
       from ${table} s window same as (partition by s.noun, s.external_ref order by s.fact_id)
     ), held as (
       select s.fact_id, s.noun, s.external_ref, s.record_id,
         coalesce(f.record_id, case when s.turn > 1 then s.first end) as held_by
       from given s
       left join fact f on f.tenant_id = $1 and f.noun = s.noun and f.connection = $2
         and f.external_ref = s.external_ref and f.recorded_to = 'infinity' and f.record_id <> s.record_id
         and not (f.stream = $3 and f.mapping_id = $4 and f.record_id = any($5) and not exists (
           select from ${table} o where o.noun = f.noun and o.external_ref = f.external_ref and o.record_id = f.record_id))
       where f.fact_id is not null or s.turn > 1
     ), gone as (
       delete from ${table} s using held h where s.fact_id = h.fact_id returning h.*
     )
     select gone.record_id as "recordId", gone.noun, gone.external_ref as "externalRef", gone.held_by as "heldBy" from gone`,
    [
      tx.tenantId,
      source.connection,
      source.stream,
      source.mappingId,
      records.map((record) => record.recordId),
    ],
  );
  return held.map(({ recordId, noun, externalRef, heldBy }) => ({
    recordId,
    noun,
    externalRef,
    code: 'duplicate_reference',
    reason: `The ${noun} "${externalRef}" is given by record ${heldBy} already. Make the mapping's key unique, or remove one record at the source.`,
  }));
}
