import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';

/** What we last wrote into one record of another system. */
export interface LastWritten {
  readonly canonicalId: string;
  readonly externalId: string;
  readonly payload: JsonObject;
}

/** The newest applied payload of each record of an object that stands for one of these canonical ids. */
export async function lastWritten(
  tx: TenantTx,
  target: { readonly connection: string; readonly object: string },
  canonicalIds: readonly string[],
): Promise<readonly LastWritten[]> {
  if (canonicalIds.length === 0) return [];
  return tx.sql<LastWritten>(
    `select distinct on (i.external_id) i.canonical_id as "canonicalId", i.external_id as "externalId", i.payload
     from intent i
     where i.connection = $1 and i.object = $2 and i.canonical_id = any($3) and i.state = 'APPLIED'
     order by i.external_id, i.revision desc`,
    [target.connection, target.object, [...canonicalIds]],
  );
}
