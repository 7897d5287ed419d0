import type { TenantTx } from '../db/store.ts';

/** The current line facts of some opportunities, by opportunity: enough to see whether any has changed. */
export async function lineFactIds(
  tx: TenantTx,
  connection: string,
  opportunityRefs: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.sql<{ ref: string; ids: string[] }>(
    `select f.body ->> 'opportunityRef' as ref, array_agg(f.fact_id) as ids from fact f
     where f.tenant_id = $1 and f.noun = 'opportunityLine' and f.connection = $2 and f.recorded_to = 'infinity'
       and f.body ->> 'opportunityRef' = any($3) group by 1`,
    [tx.tenantId, connection, [...opportunityRefs]],
  );
  return new Map(rows.map((row) => [row.ref, row.ids]));
}

/** The opportunities that some landed records of a stream tell of, or told of before they were deleted. */
export async function opportunitiesOf(
  tx: TenantTx,
  place: { readonly connection: string; readonly stream: string },
  recordIds: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (recordIds.size === 0) return [];
  const rows = await tx.sql<{ ref: string }>(
    `select distinct coalesce(f.body ->> 'opportunityRef', f.external_ref) as ref from fact f
     where f.tenant_id = $1 and f.noun = any('{opportunity,opportunityLine}') and f.connection = $2 and f.stream = $3
       and f.record_id = any($4)`,
    [tx.tenantId, place.connection, place.stream, [...recordIds]],
  );
  return rows.map((row) => row.ref);
}
