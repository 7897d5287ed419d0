import type { TenantTx } from '../db/store.ts';
import { NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { ConnectionCheck, ConnectorRole } from '../sdk/define-connector.ts';
import type { ConnectionRow, IntakeTables } from './tables.ts';

/** A tenant's link to one external system. Its id is its name and never changes (effects are keyed by it). */
export interface Connection {
  readonly id: string;
  readonly connector: string;
  readonly role: ConnectorRole;
  readonly config: JsonObject;
  /** A connection starts read-only; a person opens it for writing. */
  readonly mode: 'read-only' | 'read-write';
  readonly status: 'unchecked' | 'ok' | 'reauth_required' | 'paused';
  readonly allowPrivateNetwork: boolean;
  readonly checks: readonly ConnectionCheck[];
  readonly checkedAt: Date | null;
  readonly createdAt: Date;
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

function fromDb(row: ConnectionRow): Connection {
  return {
    id: row.id,
    connector: row.connector,
    role: row.role,
    config: row.config as JsonObject,
    mode: row.mode,
    status: row.status,
    allowPrivateNetwork: row.allow_private_network,
    checks: row.checks as ConnectionCheck[],
    checkedAt: row.checked_at,
    createdAt: row.created_at,
  };
}

/** Adds a connection, read-only. Throws ValidationError on a bad name and StaleError on one that is taken. */
export async function addConnection(
  tx: TenantTx,
  connection: Pick<Connection, 'id' | 'connector' | 'role' | 'config' | 'allowPrivateNetwork'>,
): Promise<Connection> {
  if (!NAME.test(connection.id)) {
    throw new ValidationError(
      `"${connection.id}" cannot name a connection. Use lower-case letters, digits and hyphens, a letter first.`,
    );
  }
  const row = await tx
    .db<IntakeTables>()
    .insertInto('connection')
    .values({
      tenant_id: tx.tenantId,
      id: connection.id,
      connector: connection.connector,
      role: connection.role,
      config: JSON.stringify(connection.config),
      allow_private_network: connection.allowPrivateNetwork,
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'id']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) {
    throw new StaleError(`There is a connection "${connection.id}" already. Choose another name.`);
  }
  return fromDb(row);
}

/** Every connection of the tenant, by name. */
export async function listConnections(tx: TenantTx): Promise<readonly Connection[]> {
  const rows = await tx
    .db<IntakeTables>()
    .selectFrom('connection')
    .selectAll()
    .orderBy('connection.id')
    .execute();
  return rows.map(fromDb);
}

/** One connection. Throws NotFoundError. */
export async function getConnection(tx: TenantTx, id: string): Promise<Connection> {
  const row = await tx
    .db<IntakeTables>()
    .selectFrom('connection')
    .selectAll()
    .where('connection.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) {
    throw new NotFoundError(
      `There is no connection "${id}". \`trueup connections list\` shows those there are.`,
    );
  }
  return fromDb(row);
}

/**
 * The one connection of a role that flows act on: the named one, or the only one.
 * Null when there is none; throws ValidationError when there are several and none is named.
 */
export async function connectionForRole(
  tx: TenantTx,
  role: ConnectorRole,
  named?: string,
): Promise<Connection | null> {
  const all = (await listConnections(tx)).filter((each) => each.role === role);
  if (named !== undefined) return all.find((each) => each.id === named) ?? null;
  if (all.length > 1) {
    const names = all.map((each) => each.id).join(', ');
    throw new ValidationError(
      `There are several ${role} connections (${names}). Name one in the company's settings (${role}).`,
    );
  }
  return all[0] ?? null;
}

/** Changes what a person may change of a connection. */
export async function updateConnection(
  tx: TenantTx,
  id: string,
  change: {
    readonly mode?: Connection['mode'] | undefined;
    readonly status?: Connection['status'] | undefined;
  },
): Promise<Connection> {
  const before = await getConnection(tx, id);
  const row = await tx
    .db<IntakeTables>()
    .updateTable('connection')
    .set({ mode: change.mode ?? before.mode, status: change.status ?? before.status })
    .where('connection.id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromDb(row);
}

/** Keeps the outcome of a check; the connection is `ok` when every line of it is. */
export async function saveChecks(
  tx: TenantTx,
  id: string,
  checks: readonly ConnectionCheck[],
): Promise<Connection> {
  const login = checks.find((check) => check.name === 'login');
  const row = await tx
    .db<IntakeTables>()
    .updateTable('connection')
    .set({
      checks: JSON.stringify(checks),
      checked_at: await tx.clock(),
      status: login?.ok === false ? 'reauth_required' : 'ok',
    })
    .where('connection.id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw new NotFoundError(`There is no connection "${id}".`);
  return fromDb(row);
}
