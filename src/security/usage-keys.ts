import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { TenantTx } from '../db/store.ts';
import { ConfigError } from '../kernel/errors.ts';
import { base32 } from '../kernel/ids.ts';
import type { Kek } from './kek.ts';
import { KEY_BYTES, seal, unseal } from './sealing.ts';

const PREFIX = 'sub_';
const PSEUDONYM = /^sub_[a-z2-7]{26}$/;
/** Names of at most some hundred characters: some megabytes. */
const MOST_REMEMBERED = 20_000;

/** Turns a person's name in some system into a pseudonym: the same for the same name, and nothing to be read from it. */
export type Pseudonymize = (name: string) => string;

/** What a tenant's events of use are kept under. */
export interface UsageKeys {
  /** HMAC-SHA256, 128 bits of it: whoever has the rows alone can neither read a name nor try names out. */
  readonly pseudonymize: Pseudonymize;
  /** AES-256-GCM, bound to the tenant and the batch. */
  seal(batchId: string, bytes: Uint8Array): Buffer;
  /** Throws a ConfigError for what was altered, or moved here from another batch. */
  open(batchId: string, sealed: Uint8Array): Buffer;
}

/**
 * The keys of a tenant's events of use: derived from a random key of its own, which the key-encryption key wraps. Throws
 * a ConfigError when that cannot be opened.
 */
export async function usageKeysOf(tx: TenantTx, kek: Kek): Promise<UsageKeys> {
  const key = (await openKey(tx, kek)) ?? (await makeKey(tx, kek));
  const purpose = (name: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, '', name, KEY_BYTES));
  const names = purpose('pseudonyms');
  const batches = purpose('batches');
  const { tenantId } = tx;
  return {
    pseudonymize: remembering(
      (name) => PREFIX + base32(createHmac('sha256', names).update(name).digest().subarray(0, 16)),
    ),
    seal: (batchId, bytes) => seal(batches, bytes, [tenantId, 'usage batch', batchId]),
    open: (batchId, sealed) => {
      const bytes = unseal(batches, sealed, [tenantId, 'usage batch', batchId]);
      if (bytes !== null) return bytes;
      throw new ConfigError(
        `The batch ${batchId} of events cannot be opened: its row was altered, or the key it was sealed with was replaced.`,
      );
    },
  };
}

/** True for what `pseudonymize` gives out. */
export function isPseudonym(text: string): boolean {
  return PSEUDONYM.test(text);
}

/** The same people come again and again, and an HMAC costs a hundred times what a look costs. */
function remembering(pseudonymize: Pseudonymize): Pseudonymize {
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const pseudonym = pseudonymize(name);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(name, pseudonym);
    return pseudonym;
  };
}

async function openKey(tx: TenantTx, kek: Kek): Promise<Buffer | null> {
  const [row] = await tx.sql<{ readonly kekId: string; readonly wrapped: Uint8Array }>(
    `select k.kek_id as "kekId", k.wrapped from usage_key k`,
  );
  if (row === undefined) return null;
  const key = await kek.unwrap(row.wrapped, contextOf(tx));
  if (key !== null) return key;
  throw new ConfigError(
    `The key of events of use cannot be opened: key ${row.kekId} wrapped it, and this process has ${kek.id}. Bring back the right key-encryption key.`,
  );
}

/** Two that make one at a time end up with the same. */
async function makeKey(tx: TenantTx, kek: Kek): Promise<Buffer> {
  const wrapped = await kek.wrap(randomBytes(KEY_BYTES), contextOf(tx));
  await tx.run(
    `insert into usage_key (tenant_id, kek_id, wrapped) values ($1, $2, $3) on conflict (tenant_id) do nothing`,
    [tx.tenantId, kek.id, wrapped],
  );
  const key = await openKey(tx, kek);
  if (key === null)
    throw new ConfigError('The key of events of use was removed while it was made.');
  return key;
}

function contextOf(tx: TenantTx): readonly string[] {
  return [tx.tenantId, 'events of use'];
}
