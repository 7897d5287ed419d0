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
  /** `removed` is the end: nothing is read or written any more, and the name stays with the history it explains. */
  readonly status: 'unchecked' | 'ok' | 'reauth_required' | 'paused' | 'removed';
  readonly allowPrivateNetwork: boolean;
  /** True where the system sends its records itself (`/scim/v2`): nothing is read from it, and it has no secrets here. */
  readonly pushed: boolean;
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
    pushed: row.pushed,
    checks: row.checks as ConnectionCheck[],
    checkedAt: row.checked_at,
    createdAt: row.created_at,
  };
}

/** Adds a connection, read-only. Throws ValidationError on a bad name and StaleError on one that is taken. */
export async function addConnection(
  tx: TenantTx,
  connection: Pick<Connection, 'id' | 'connector' | 'role' | 'config' | 'allowPrivateNetwork'> &
    Partial<Pick<Connection, 'pushed'>>,
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
      pushed: connection.pushed ?? false,
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'id']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) {
    throw takenName(await getConnection(tx, connection.id));
  }
  return fromDb(row);
}

/** The refusal of a name that is in use, or that belongs to the history of a removed connection. */
export function takenName({ id, status }: Pick<Connection, 'id' | 'status'>): StaleError {
  const why = status === 'removed' ? 'and it was removed: its name stays with its history' : '';
  return new StaleError(
    `There is a connection "${id}" already${why === '' ? '' : `, ${why}`}. Choose another name.`,
  );
}

/** Every connection that there ever was, by name: history and facts name removed ones too. */
export async function listConnections(tx: TenantTx): Promise<readonly Connection[]> {
  const rows = await tx
    .db<IntakeTables>()
    .selectFrom('connection')
    .selectAll()
    .orderBy('connection.id')
    .execute();
  return rows.map(fromDb);
}

/** One connection, be it removed. Throws NotFoundError. */
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

/** A connection that a person may act on. Throws NotFoundError, also for one that was removed. */
export async function liveConnection(tx: TenantTx, id: string): Promise<Connection> {
  const connection = await getConnection(tx, id);
  if (isLive(connection)) return connection;
  throw new NotFoundError(`Connection "${id}" was removed. Add another one under a new name.`);
}

/** True unless the connection was removed. */
export function isLive({ status }: Pick<Connection, 'status'>): boolean {
  return status !== 'removed';
}

/**
 * The one connection of a role that flows act on: the named one, or the only one. Removed ones do not count.
 * Null when there is none; throws ValidationError when there are several and none is named.
 */
export async function connectionForRole(
  tx: TenantTx,
  role: ConnectorRole,
  named?: string,
): Promise<Connection | null> {
  const all = (await listConnections(tx)).filter((each) => each.role === role && isLive(each));
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
    readonly config?: JsonObject | undefined;
    readonly allowPrivateNetwork?: boolean | undefined;
  },
): Promise<Connection> {
  const before = await getConnection(tx, id);
  const row = await tx
    .db<IntakeTables>()
    .updateTable('connection')
    .set({
      mode: change.mode ?? before.mode,
      status: change.status ?? before.status,
      config: JSON.stringify(change.config ?? before.config),
      allow_private_network: change.allowPrivateNetwork ?? before.allowPrivateNetwork,
    })
    .where('connection.id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromDb(row);
}

/** Keeps the outcome of a check: `ok` unless its login failed. A paused connection stays paused. */
export async function saveChecks(
  tx: TenantTx,
  id: string,
  checks: readonly ConnectionCheck[],
): Promise<Connection> {
  const login = checks.find((check) => check.name === 'login');
  const { status } = await liveConnection(tx, id);
  const outcome = login?.ok === false ? 'reauth_required' : 'ok';
  const row = await tx
    .db<IntakeTables>()
    .updateTable('connection')
    .set({
      checks: JSON.stringify(checks),
      checked_at: await tx.clock(),
      status: status === 'paused' ? status : outcome,
    })
    .where('connection.id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw new NotFoundError(`There is no connection "${id}".`);
  return fromDb(row);
}

/**
 * Keeps what the vendor said of the credentials while it was read or written: refused ones wait for a person or for a
 * read that works. A connection that is paused or removed stays so. True if the status changed.
 */
export async function noteLogin(
  tx: TenantTx,
  id: string,
  outcome: 'worked' | 'refused',
): Promise<boolean> {
  const { status } = await getConnection(tx, id);
  if (outcome === 'worked' && status !== 'reauth_required') return false;
  if (status === 'paused' || status === 'removed') return false;
  const next = outcome === 'worked' ? 'ok' : 'reauth_required';
  if (next !== status) await updateConnection(tx, id, { status: next });
  return next !== status;
}

/** Marks a connection as removed and forgets how far it was read; everything that it landed stays. */
export async function markRemoved(tx: TenantTx, id: string): Promise<Connection> {
  // The connection first: a push holds it before its checkpoint, and the two must not wait for each other.
  const removed = await updateConnection(tx, id, { mode: 'read-only', status: 'removed' });
  await tx.run(`delete from stream_checkpoint c where c.connection = $1`, [id]);
  return removed;
}
