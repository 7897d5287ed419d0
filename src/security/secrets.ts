import { randomBytes } from 'node:crypto';
import type { TenantTx } from '../db/store.ts';
import { ConfigError, StaleError } from '../kernel/errors.ts';
import type { Kek } from './kek.ts';
import { KEY_BYTES, seal, unseal } from './sealing.ts';

interface WrappedKey {
  readonly id: string;
  readonly kekId: string;
  readonly wrapped: Uint8Array;
}

interface SealedField {
  readonly field: string;
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

/**
 * Seals the secrets of a connection under a new random key of its own, which the key-encryption key wraps, and
 * forgets what was sealed before. Each value is bound to tenant, connection, field and key (AES-256-GCM).
 */
export async function sealSecrets(
  tx: TenantTx,
  kek: Kek,
  connection: string,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const keyId = randomBytes(8).toString('hex');
  await sealUnder(tx, kek, connection, secrets, { keyId, login: keyId });
}

/** Which sealing of a connection's secrets is stored: a token that changes with each. */
export interface SecretsStamp {
  readonly key: string;
  /** Changes only when a person stores credentials, not when a connector renews them. */
  readonly login: string;
}

/** The stamp of the stored secrets; null if the connection has none. `lock` keeps them as they are until the commit. */
export async function secretsStamp(
  tx: TenantTx,
  connection: string,
  options: { readonly lock?: boolean } = {},
): Promise<SecretsStamp | null> {
  const [row] = await tx.sql<SecretsStamp>(
    `select k.id as key, coalesce(k.login, k.id) as login from connection_key k where k.connection = $1
     ${options.lock === true ? 'for update' : ''}`,
    [connection],
  );
  return row ?? null;
}

/**
 * Seals what a connector got in the place of the secrets with the stamp `seen`. Returns the new stamp. Throws a
 * StaleError when others are stored by now: those are newer.
 */
export async function renewSecrets(
  tx: TenantTx,
  kek: Kek,
  connection: string,
  secrets: Readonly<Record<string, string>>,
  seen: SecretsStamp,
): Promise<SecretsStamp> {
  const stored = await secretsStamp(tx, connection, { lock: true });
  if (stored?.key !== seen.key) {
    throw new StaleError(
      `The credentials of connection "${connection}" were changed while a login renewed them. The stored ones stay; the next login uses them.`,
    );
  }
  const keyId = randomBytes(8).toString('hex');
  await sealUnder(tx, kek, connection, secrets, { keyId, login: stored.login });
  return { key: keyId, login: stored.login };
}

async function sealUnder(
  tx: TenantTx,
  kek: Kek,
  connection: string,
  secrets: Readonly<Record<string, string>>,
  { keyId, login }: { readonly keyId: string; readonly login: string },
): Promise<void> {
  const key = randomBytes(KEY_BYTES);
  const wrapped = await kek.wrap(key, keyContext(tx, connection, keyId));
  await forgetSecrets(tx, connection);
  await tx.run(
    `insert into connection_key (tenant_id, connection, id, kek_id, wrapped, login) values ($1, $2, $3, $4, $5, $6)`,
    [tx.tenantId, connection, keyId, kek.id, wrapped, login],
  );
  for (const [field, value] of Object.entries(secrets)) {
    const sealed = seal(key, Buffer.from(value, 'utf8'), [tx.tenantId, connection, field, keyId]);
    await tx.run(
      `insert into connection_secret (tenant_id, connection, field, key_id, sealed) values ($1, $2, $3, $4, $5)`,
      [tx.tenantId, connection, field, keyId, sealed],
    );
  }
  key.fill(0);
}

/**
 * Opens the secrets of a connection for the program's own use; `{}` if it has none. No route, log or export may
 * carry them. Throws a ConfigError when the key-encryption key is another one, or a row was altered or moved.
 */
export async function openSecrets(
  tx: TenantTx,
  kek: Kek,
  connection: string,
): Promise<Record<string, string>> {
  const [key] = await tx.sql<WrappedKey>(
    `select k.id, k.kek_id as "kekId", k.wrapped from connection_key k where k.connection = $1`,
    [connection],
  );
  if (key === undefined) return {};
  const plainKey = await kek.unwrap(key.wrapped, keyContext(tx, connection, key.id));
  if (plainKey === null) throw unopened(connection, 'key', key.kekId, kek.id);
  const rows = await tx.sql<SealedField>(
    `select s.field, s.key_id as "keyId", s.sealed from connection_secret s where s.connection = $1 order by s.field`,
    [connection],
  );
  return Object.fromEntries(
    rows.map((row) => {
      const plain = unseal(plainKey, row.sealed, [tx.tenantId, connection, row.field, row.keyId]);
      if (plain === null) throw unopened(connection, `secret ${row.field}`, key.kekId, kek.id);
      return [row.field, plain.toString('utf8')];
    }),
  );
}

/** The names of the sealed fields: all that may ever be shown of them. */
export async function listSecretFields(
  tx: TenantTx,
  connection: string,
): Promise<readonly string[]> {
  const rows = await tx.sql<{ readonly field: string }>(
    `select s.field from connection_secret s where s.connection = $1 order by s.field`,
    [connection],
  );
  return rows.map((row) => row.field);
}

/** Removes the secrets of a connection and their key. */
export async function forgetSecrets(tx: TenantTx, connection: string): Promise<void> {
  await tx.run(`delete from connection_secret s where s.connection = $1`, [connection]);
  await tx.run(`delete from connection_key k where k.connection = $1`, [connection]);
}

function keyContext(tx: TenantTx, connection: string, keyId: string): readonly string[] {
  return [tx.tenantId, connection, 'connection key', keyId];
}

function unopened(connection: string, what: string, sealedWith: string, now: string): ConfigError {
  const why =
    sealedWith === now
      ? 'Its row was altered, or moved here from another connection'
      : `It was sealed with the key-encryption key ${sealedWith}; this process has ${now}`;
  return new ConfigError(
    `The ${what} of connection "${connection}" cannot be opened. ${why}. Store the credentials again with: trueup connections rotate ${connection}`,
  );
}
