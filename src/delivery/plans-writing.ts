import type { TenantTx } from '../db/store.ts';
import type { FieldConflict } from './conflicts.ts';

/** The plans by which the records of these conflicts are written now, by id; runs without a plan have none. */
export async function plansWriting(
  tx: TenantTx,
  conflicts: readonly Pick<FieldConflict, 'connection' | 'object' | 'externalId'>[],
): Promise<readonly string[]> {
  const records = conflicts.map(({ connection, object, externalId }) => ({
    connection,
    object,
    externalId,
  }));
  const rows = await tx.sql<{ readonly planId: string }>(
    `select distinct l.plan_id as "planId"
     from jsonb_to_recordset($1::jsonb) as c (connection text, object text, "externalId" text)
     cross join lateral (
       select i.plan_id from intent i
       where i.connection = c.connection and i.object = c.object and i.external_id = c."externalId"
         and i.state <> 'SUPERSEDED' order by i.revision desc limit 1) l
     where l.plan_id is not null order by 1`,
    [JSON.stringify(records)],
  );
  return rows.map(({ planId }) => planId);
}
