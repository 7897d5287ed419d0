import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { Connection } from './connections.ts';

/** A directory that its identity provider pushes, as a person may see it. */
export interface Directory {
  /** The connection's name. */
  readonly id: string;
  readonly status: Connection['status'];
  readonly users: number;
  readonly groups: number;
  /** When the provider last changed something; null when it never did. */
  readonly lastPushAt: Date | null;
  readonly createdAt: Date;
}

/** Makes a connection that was just added the home of a pushed directory. */
export async function openDirectory(tx: TenantTx, connection: string): Promise<void> {
  await tx.run(`insert into directory (tenant_id, connection) values ($1, $2)`, [
    tx.tenantId,
    connection,
  ]);
}

const SELECT = `select d.connection as id, c.status, d.last_push_at as "lastPushAt", d.created_at as "createdAt",
  (select count(*)::int from directory_resource r where r.connection = d.connection and r.kind = 'Users') as users,
  (select count(*)::int from directory_resource r where r.connection = d.connection and r.kind = 'Groups') as groups
  from directory d join connection c on c.tenant_id = d.tenant_id and c.id = d.connection`;

/** Every pushed directory that there ever was, by name. */
export function listDirectories(tx: TenantTx): Promise<readonly Directory[]> {
  return tx.sql<Directory>(`${SELECT} order by d.connection`);
}

/** One pushed directory that was not removed. Throws NotFoundError. */
export async function liveDirectory(tx: TenantTx, id: string): Promise<Directory> {
  const [row] = await tx.sql<Directory>(
    `${SELECT} where d.connection = $1 and c.status <> 'removed'`,
    [id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(
    `There is no directory "${id}" that is pushed to us. \`trueup directories list\` shows those there are.`,
  );
}

/**
 * Takes the directory for this transaction: pushes of one directory are applied one after the other, so a name cannot
 * be given twice and no member can vanish between the look and the write. Gives the connection's status, which nobody
 * changes before this transaction ends. Throws NotFoundError for a connection that there never was.
 */
export async function lockDirectory(
  tx: TenantTx,
  connection: string,
): Promise<Connection['status']> {
  await tx.sql(`select from directory d where d.connection = $1 for update`, [connection]);
  // A statement of its own: what was committed while the first one waited is seen.
  const [row] = await tx.sql<Pick<Connection, 'status'>>(
    `select c.status from connection c where c.id = $1 for share`,
    [connection],
  );
  if (row !== undefined) return row.status;
  throw new NotFoundError(`There is no connection "${connection}".`);
}
