import { createHash, randomBytes } from 'node:crypto';
import type { TenantTx } from '../db/store.ts';
import { NotFoundError, ValidationError } from '../kernel/errors.ts';
import { base32, newId } from '../kernel/ids.ts';
import { keyText } from './key-text.ts';
import { Role } from './permissions.ts';
import { getUser } from './users.ts';

/** An API key as it may be shown. Its secret is not here, nor anywhere. */
export interface ApiKey {
  readonly id: string;
  readonly personId: string;
  readonly label: string;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface NewKey {
  readonly personId: string;
  readonly label: string;
  /** A part of the person's roles; all of them when absent. */
  readonly roles?: readonly Role[] | undefined;
  readonly expiresAt?: Date | undefined;
  /** The actor who makes it. */
  readonly createdBy: string;
}

type KeyRow = Omit<ApiKey, 'roles'> & { readonly roles: readonly string[] };

const SELECT = `select k.id, k.person_id as "personId", k.label, k.roles, k.created_at as "createdAt",
  k.created_by as "createdBy", k.expires_at as "expiresAt", k.revoked_at as "revokedAt",
  k.last_used_at as "lastUsedAt" from api_key k`;

/** 256 random bits need no slow hash: nobody guesses them, with or without one. */
const SECRET_BYTES = 32;

/** SHA-256 of a key's secret: all that is kept of it. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/**
 * Makes a key and returns its text, which is shown this once. Throws a NotFoundError for an unknown person and a
 * ValidationError for a disabled one, for roles that the person lacks, and for an end in the past.
 */
export async function createKey(
  tx: TenantTx,
  wanted: NewKey,
): Promise<{ readonly key: ApiKey; readonly text: string }> {
  const person = await getUser(tx, wanted.personId);
  if (person.status === 'disabled') {
    throw new ValidationError(`${person.name} is disabled and gets no key.`);
  }
  const roles = wanted.roles ?? person.roles;
  const lacking = roles.filter((role) => !person.roles.includes(role));
  if (roles.length === 0 || lacking.length > 0) {
    throw new ValidationError(
      `A key carries roles of its person. ${person.name} has ${person.roles.join(', ')}${lacking.length > 0 ? `, not ${lacking.join(', ')}` : ''}.`,
    );
  }
  if (wanted.expiresAt !== undefined && wanted.expiresAt <= (await tx.clock())) {
    throw new ValidationError('The key would have expired already. Give an end in the future.');
  }
  const id = newId('key');
  const secret = base32(randomBytes(SECRET_BYTES));
  await tx.run(
    `insert into api_key (tenant_id, id, person_id, label, roles, hash, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tx.tenantId, id, person.id, wanted.label, [...new Set(roles)], hashSecret(secret), wanted.createdBy, wanted.expiresAt ?? null], // prettier-ignore
  );
  return { key: await getKey(tx, id), text: keyText({ tenantId: tx.tenantId, keyId: id, secret }) };
}

/** Every key, oldest first. */
export async function listKeys(tx: TenantTx): Promise<readonly ApiKey[]> {
  return (await tx.sql<KeyRow>(`${SELECT} order by k.id`)).map(toKey);
}

/** One key. Throws a NotFoundError. */
export async function getKey(tx: TenantTx, id: string): Promise<ApiKey> {
  const [row] = await tx.sql<KeyRow>(`${SELECT} where k.id = $1`, [id]);
  if (row !== undefined) return toKey(row);
  throw new NotFoundError(`There is no key "${id}". List them with: trueup keys list.`);
}

/** Revokes a key from the next request on. Doing it again changes nothing. Throws a NotFoundError. */
export async function revokeKey(tx: TenantTx, id: string): Promise<ApiKey> {
  await tx.run(
    `update api_key k set revoked_at = app.clock() where k.id = $1 and k.revoked_at is null`,
    [id],
  );
  return await getKey(tx, id);
}

function toKey(row: KeyRow): ApiKey {
  return { ...row, roles: row.roles.map((role) => Role.parse(role)) };
}
