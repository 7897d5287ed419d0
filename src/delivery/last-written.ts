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

/** Of these logins of a connection, those that we switched off ourselves, as a plan asked, and have not switched on since. */
export async function switchedOffByUs(
  tx: TenantTx,
  connection: string,
  userRefs: readonly string[],
): Promise<ReadonlySet<string>> {
  if (userRefs.length === 0) return new Set();
  const rows = await tx.sql<{ user: string }>(
    `select n."user" from (
       select distinct on (i.external_id) i.payload #>> '{id,user}' as "user", i.payload -> 'active' as active
       from intent i where i.connection = $1 and i.payload #>> '{id,user}' = any($2) and i.payload ? 'active'
         and i.state in ('SENT', 'UNKNOWN', 'APPLIED')
       order by i.external_id, i.revision desc) n
     where n.active = 'false'`,
    [connection, [...userRefs]],
  );
  return new Set(rows.map(({ user }) => user));
}
