import type { TenantTx } from '../db/store.ts';
import { isUniqueViolation } from '../db/pg-errors.ts';
import { NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { Role } from './permissions.ts';

/** A human being who may sign in, with the roles that the keys of this person can carry. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly status: 'active' | 'disabled';
  readonly roles: readonly Role[];
  readonly createdAt: Date;
}

type UserRow = Omit<User, 'roles'> & { readonly roles: readonly string[] };

const SELECT = `select p.id, p.name, p.email, p.status, p.created_at as "createdAt",
  coalesce((select array_agg(r.role order by r.role) from person_role r where r.person_id = p.id), '{}') as roles
  from person p`;

/** Adds a person. Throws a ValidationError without a role, and a StaleError when the address is taken. */
export async function addUser(
  tx: TenantTx,
  wanted: {
    readonly name: string;
    readonly email?: string | undefined;
    readonly roles: readonly Role[];
  },
): Promise<User> {
  const name = wanted.name.trim();
  if (name === '') throw new ValidationError('A person needs a name.');
  if (wanted.roles.length === 0) {
    throw new ValidationError(`${name} needs at least one role: ${Role.options.join(', ')}.`);
  }
  const id = newId('usr');
  try {
    await tx.run(`insert into person (tenant_id, id, name, email) values ($1, $2, $3, $4)`, [
      tx.tenantId,
      id,
      name,
      wanted.email ?? null,
    ]);
  } catch (error) {
    if (!isUniqueViolation(error, 'person_email')) throw error;
    throw new StaleError('There is a person with this e-mail address already.', { cause: error });
  }
  await tx.run(
    `insert into person_role (tenant_id, person_id, role) select $1, $2, unnest($3::text[])`,
    [tx.tenantId, id, [...new Set(wanted.roles)]],
  );
  return await getUser(tx, id);
}

/** Every person, oldest first. */
export async function listUsers(tx: TenantTx): Promise<readonly User[]> {
  return (await tx.sql<UserRow>(`${SELECT} order by p.id`)).map(toUser);
}

/** One person. Throws a NotFoundError. */
export async function getUser(tx: TenantTx, id: string): Promise<User> {
  const [row] = await tx.sql<UserRow>(`${SELECT} where p.id = $1`, [id]);
  if (row !== undefined) return toUser(row);
  throw new NotFoundError(`There is no person "${id}". List them with: trueup users list.`);
}

/**
 * Disables a person: every key of theirs is refused from the next request on. Throws a ValidationError for the last
 * active administrator, who could not be brought back.
 */
export async function disableUser(tx: TenantTx, id: string): Promise<User> {
  const user = await takeTurn(tx, id);
  if (user.status === 'disabled') return user;
  await requireOtherAdmin(tx, user);
  await tx.run(
    `update person p set status = 'disabled', disabled_at = app.clock() where p.id = $1`,
    [id],
  );
  return await getUser(tx, id);
}

/** Lets a disabled person in again: keys that were not revoked work as before. */
export async function enableUser(tx: TenantTx, id: string): Promise<User> {
  await takeTurn(tx, id);
  await tx.run(`update person p set status = 'active', disabled_at = null where p.id = $1`, [id]);
  return await getUser(tx, id);
}

/**
 * Replaces the roles of a person; keys lose at once what their person has no more. Throws a ValidationError without a
 * role, and when the last active administrator would be none any more.
 */
export async function setRoles(tx: TenantTx, id: string, roles: readonly Role[]): Promise<User> {
  const user = await takeTurn(tx, id);
  if (roles.length === 0) {
    throw new ValidationError(`${user.name} needs at least one role: ${Role.options.join(', ')}.`);
  }
  if (user.status === 'active' && !roles.includes('admin')) await requireOtherAdmin(tx, user);
  await tx.run(`delete from person_role r where r.person_id = $1`, [id]);
  await tx.run(
    `insert into person_role (tenant_id, person_id, role) select $1, $2, unnest($3::text[])`,
    [tx.tenantId, id, [...new Set(roles)]],
  );
  return await getUser(tx, id);
}

/** Two administrators that disable each other at once would leave none: such changes take turns. */
async function takeTurn(tx: TenantTx, id: string): Promise<User> {
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended('trueup:admins:' || $1, 0))`, [
    tx.tenantId,
  ]);
  return await getUser(tx, id);
}

async function requireOtherAdmin(tx: TenantTx, user: User): Promise<void> {
  if (!user.roles.includes('admin')) return;
  const others = await tx.sql(
    `select from person_role r join person p on p.tenant_id = r.tenant_id and p.id = r.person_id
     where r.role = 'admin' and p.status = 'active' and p.id <> $1 limit 1`,
    [user.id],
  );
  if (others.length > 0) return;
  throw new ValidationError(`${user.name} is the last administrator. Make another one first.`);
}

function toUser(row: UserRow): User {
  return { ...row, roles: row.roles.map((role) => Role.parse(role)) };
}
