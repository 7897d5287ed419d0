import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store, TenantTx } from '../db/store.ts';
import { NotFoundError, UnauthenticatedError, ValidationError } from '../kernel/errors.ts';
import { base32, newId } from '../kernel/ids.ts';
import { hashSecret } from './keys.ts';

/** A bearer token with which one identity provider pushes into one directory. Its secret is kept nowhere. */
export interface DirectoryToken {
  readonly id: string;
  /** The directory's connection. */
  readonly directory: string;
  readonly label: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface NewDirectoryToken {
  readonly directory: string;
  readonly label: string;
  readonly expiresAt?: Date | undefined;
  /** The actor who makes it. */
  readonly createdBy: string;
}

/** Whose push it is: the token alone says the company and the directory. */
export interface DirectoryCaller {
  readonly tenantId: string;
  readonly connection: string;
  readonly tokenId: string;
}

const SECRET_BYTES = 32;
/** `trd_<tenant>_<token>_<secret>`: a fixed start that scanners for leaked secrets can be taught. */
const SHAPE = /^trd_([a-z][a-z0-9-]{0,62})_([0-9a-z]{26})_([a-z2-7]{52})$/;
/** Compared with when there is no such token, so that its absence takes no less time. */
const NO_HASH = new Uint8Array(32);

const SELECT = `select t.id, t.connection as directory, t.label, t.created_at as "createdAt", t.created_by as "createdBy",
  t.expires_at as "expiresAt", t.revoked_at as "revokedAt", t.last_used_at as "lastUsedAt" from directory_token t`;

/** Makes a token and returns its text, which is shown this once. Throws ValidationError for an end in the past. */
export async function createDirectoryToken(
  tx: TenantTx,
  wanted: NewDirectoryToken,
): Promise<{ readonly token: DirectoryToken; readonly text: string }> {
  if (wanted.expiresAt !== undefined && wanted.expiresAt <= (await tx.clock())) {
    throw new ValidationError('The token would have expired already. Give an end in the future.');
  }
  const id = newId('dtk');
  const secret = base32(randomBytes(SECRET_BYTES));
  await tx.run(
    `insert into directory_token (tenant_id, id, connection, label, hash, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [tx.tenantId, id, wanted.directory, wanted.label, hashSecret(secret), wanted.createdBy, wanted.expiresAt ?? null], // prettier-ignore
  );
  const token = await getDirectoryToken(tx, wanted.directory, id);
  return { token, text: `trd_${tx.tenantId}_${id.replace(/^dtk_/, '')}_${secret}` };
}

/** The tokens of a directory, oldest first. */
export function listDirectoryTokens(
  tx: TenantTx,
  directory: string,
): Promise<readonly DirectoryToken[]> {
  return tx.sql<DirectoryToken>(`${SELECT} where t.connection = $1 order by t.id`, [directory]);
}

/** One token of a directory. Throws NotFoundError. */
export async function getDirectoryToken(
  tx: TenantTx,
  directory: string,
  id: string,
): Promise<DirectoryToken> {
  const [row] = await tx.sql<DirectoryToken>(`${SELECT} where t.connection = $1 and t.id = $2`, [
    directory,
    id,
  ]);
  if (row !== undefined) return row;
  throw new NotFoundError(
    `The directory "${directory}" has no token "${id}". List them with: trueup directories tokens ${directory}.`,
  );
}

/** Revokes a token from the next request on. Doing it again changes nothing. Throws NotFoundError. */
export async function revokeDirectoryToken(
  tx: TenantTx,
  directory: string,
  id: string,
): Promise<DirectoryToken> {
  await tx.run(
    `update directory_token t set revoked_at = app.clock() where t.connection = $1 and t.id = $2 and t.revoked_at is null`,
    [directory, id],
  );
  return await getDirectoryToken(tx, directory, id);
}

/**
 * Ends every token of a directory but `butNot`, at once or after a while in which the provider is given the new one;
 * an end that comes sooner anyway stays.
 */
export async function endDirectoryTokens(
  tx: TenantTx,
  directory: string,
  options: { readonly butNot?: string; readonly afterSeconds: number },
): Promise<number> {
  return await tx.run(
    `update directory_token t set expires_at = least(t.expires_at, app.clock() + make_interval(secs => $3))
     where t.connection = $1 and t.id <> $2 and t.revoked_at is null
       and (t.expires_at is null or t.expires_at > app.clock())`,
    [directory, options.butNot ?? '', options.afterSeconds],
  );
}

/** The company that a token claims to be of; null if the text is no token. Nothing is proven by it. */
export function tenantOfToken(text: string): string | null {
  return SHAPE.exec(text)?.[1] ?? null;
}

interface TokenRow {
  readonly connection: string;
  readonly hash: Uint8Array;
  readonly usable: boolean;
  readonly stale: boolean;
}

/**
 * Whose push it is, by the text of a token. Read anew each time: a revoked token is refused from the next request on.
 * Throws one and the same UnauthenticatedError whatever is wrong.
 */
export async function authenticateDirectory(store: Store, text: string): Promise<DirectoryCaller> {
  const [, tenantId, key, secret] = SHAPE.exec(text) ?? [];
  if (tenantId === undefined || key === undefined || secret === undefined) throw refused();
  const tokenId = `dtk_${key}`;
  try {
    return await store.withTenant(tenantId, async (tx) => {
      const [row] = await tx.sql<TokenRow>(
        `select t.connection, t.hash,
           t.revoked_at is null and (t.expires_at is null or t.expires_at > app.clock()) as usable,
           t.last_used_at is null or t.last_used_at < app.clock() - interval '1 minute' as stale
         from directory_token t where t.id = $1`,
        [tokenId],
      );
      const same = timingSafeEqual(hashSecret(secret), row?.hash ?? NO_HASH);
      if (row === undefined || !same || !row.usable) throw refused();
      if (row.stale) {
        await tx.run(`update directory_token t set last_used_at = app.clock() where t.id = $1`, [
          tokenId,
        ]);
      }
      return { tenantId, connection: row.connection, tokenId };
    });
  } catch (error) {
    throw error instanceof NotFoundError ? refused() : error;
  }
}

function refused(): UnauthenticatedError {
  return new UnauthenticatedError(
    'The token is unknown, expired or revoked. Send a valid one as: Authorization: Bearer trd_…',
  );
}
