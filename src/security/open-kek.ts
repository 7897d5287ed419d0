import type { Store, TenantTx } from '../db/store.ts';
import { listTenants } from '../db/tenants.ts';
import { ConfigError } from '../kernel/errors.ts';
import { kekFromText, type Kek } from './kek.ts';
import { kekPath, makeKekFile, readKekFile, type KekPlace } from './kek-file.ts';

const CANARY = 'trueup key-encryption key canary';

interface Canary {
  readonly kekId: string;
  readonly sealed: Uint8Array;
}

/**
 * The key-encryption key of this installation, proven against what it sealed before: every tenant keeps a canary.
 * A key is made only where nothing was ever sealed. Throws a ConfigError, which refuses the start, when the key
 * is missing, unreadable, inside the home, or another one than the store was sealed with.
 */
export async function openKek(store: Store, place: KekPlace): Promise<Kek> {
  const path = await kekPath(place);
  const tenants = (await listTenants(store)).map((tenant) => tenant.id);
  const canaries = await Promise.all(tenants.map((id) => store.readTenant(id, readCanary)));
  const text = await readKekFile(path);
  const sealedBefore = canaries.some((canary) => canary !== null);
  if (text === null && (sealedBefore || place.file !== undefined))
    throw missing(path, sealedBefore);
  const kek = kekFromText(text ?? (await makeKekFile(path)), path);
  for (const id of tenants) await store.withTenant(id, (tx) => plantCanary(tx, kek));
  return kek;
}

/** Proves the key against the tenant's canary, and plants one in a tenant that has none yet. */
export async function plantCanary(tx: TenantTx, kek: Kek): Promise<void> {
  const context = [tx.tenantId, 'canary', kek.id];
  const sealed = await kek.wrap(Buffer.from(CANARY, 'utf8'), context);
  await tx.run(
    `insert into kek_canary (tenant_id, kek_id, sealed) values ($1, $2, $3) on conflict (tenant_id) do nothing`,
    [tx.tenantId, kek.id, sealed],
  );
  const planted = await readCanary(tx);
  const opened =
    planted === null
      ? null
      : await kek.unwrap(planted.sealed, [tx.tenantId, 'canary', planted.kekId]);
  if (opened?.toString('utf8') === CANARY) return;
  throw new ConfigError(
    `The key-encryption key is not the one that sealed the secrets of "${tx.tenantId}" (key ${planted?.kekId ?? 'unknown'}, this is ${kek.id}). Bring back the right key file, or name it with TRUEUP_KEK_FILE.`,
  );
}

async function readCanary(tx: TenantTx): Promise<Canary | null> {
  const [row] = await tx.sql<Canary>(`select c.kek_id as "kekId", c.sealed from kek_canary c`);
  return row ?? null;
}

function missing(path: string, sealedBefore: boolean): ConfigError {
  const why = sealedBefore
    ? 'The secrets of this store were sealed with it and cannot be opened without it: bring it back from its backup.'
    : 'Make one with: openssl rand -base64 32';
  return new ConfigError(`There is no key-encryption key at ${path}. ${why}`);
}
