import type { TenantTx } from '../db/store.ts';
import type { Target } from './target.ts';

/**
 * The field of each written object of a connection that names the record whose row the vendor locks along with a write,
 * such as the account of a contract; `Id` where it is the record itself.
 */
export type ParentFields = Readonly<Record<string, string>>;

/** What an intent's write locks; null where its object has no parent. `fields`: the SQL of the parent fields. */
function parentOf(intent: string, fields: string): string {
  return `case ${fields} ->> ${intent}.object when 'Id' then ${intent}.vendor_id else ${intent}.payload ->> (${fields} ->> ${intent}.object) end`;
}

/**
 * SQL: another object of the connection ($1, beside the object $2) is being written under the same parent as intent `i`.
 * What is being written is looked up once and not for each of those that wait.
 */
export function parentBusy(fields: string): string {
  return `coalesce(${parentOf('i', fields)} = any(array(select ${parentOf('busy', fields)} from intent busy
    where busy.connection = $1 and busy.object <> $2 and busy.state in ('LEASED', 'SENT') and busy.lease_until > app.clock())), false)`;
}

/** Two workers of one connection choose what they send one after the other, so that neither overlooks the other's choice. */
export async function oneAtATime(tx: TenantTx, { connection }: Target): Promise<void> {
  await tx.sql(
    `select pg_advisory_xact_lock(hashtextextended('parents:' || app.tenant() || ':' || $1, 0))`,
    [connection],
  );
}

/** True if something that is due waits only until another object of the same parent has been written. */
export async function waitsForParent(
  tx: TenantTx,
  { connection, object }: Target,
  fields: ParentFields,
): Promise<boolean> {
  const [row] = await tx.sql<{ waits: boolean }>(
    `select exists (select from intent i where i.connection = $1 and i.object = $2 and i.state = 'PLANNED'
       and i.not_before <= app.clock() and ${parentBusy('$3::jsonb')}) as waits`,
    [connection, object, JSON.stringify(fields)],
  );
  return row?.waits ?? false;
}
