import { createHash, timingSafeEqual } from 'node:crypto';
import type { TenantTx } from '../db/store.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { Kek } from './kek.ts';
import { forgetSecrets, openSecrets, sealSecrets } from './secrets.ts';

/** The name under which the secret of pushes is given with a connection's other secrets. */
export const HOOK_SECRET = 'webhookSecret';
/** Kept apart from what the connector sees: a connector has no need of it. `#` occurs in no connection's name. */
const place = (connection: string): string => `${connection}#hook`;

/** https://www.standardwebhooks.com: `whsec_` and base64 of 24 to 64 bytes. */
const SIGNING = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;
/** For vendors that cannot sign: the last part of the address at which they push. 32 characters are 192 bits. */
const IN_ADDRESS = /^path_[A-Za-z0-9_-]{32,128}$/;

/**
 * Reads the secrets of pushes: one that signs, one that stands in the address, or several of both with commas while the
 * sender changes over. Throws a ValidationError that never quotes them.
 */
export function parseHookSecrets(text: string): readonly string[] {
  const secrets = text.split(',').map((each) => each.trim());
  if (secrets.every((each) => SIGNING.test(each) || IN_ADDRESS.test(each))) return secrets;
  const message =
    'must be whsec_ and the base64 of 24 to 64 random bytes, or path_ and 32 to 128 letters, digits, - or _; several are given with commas';
  throw new ValidationError(`The secret ${HOOK_SECRET} ${message}.`, {
    details: { problems: [{ pointer: `/secrets/${HOOK_SECRET}`, message }] },
  });
}

/** Seals the secrets that sign pushes of a connection; with an empty list it takes no pushes any more. */
export async function sealHookSecrets(
  tx: TenantTx,
  kek: Kek,
  connection: string,
  secrets: readonly string[],
): Promise<void> {
  if (secrets.length === 0) return await forgetSecrets(tx, place(connection));
  await sealSecrets(tx, kek, place(connection), { [HOOK_SECRET]: secrets.join(',') });
}

/** The secrets of a connection's pushes; all empty if it takes none. */
export interface HookSecrets {
  readonly signing: readonly string[];
  /** Last parts of an address, each a secret. */
  readonly inAddress: readonly string[];
}

/** Opens the secrets of pushes of a connection. */
export async function openHookSecrets(
  tx: TenantTx,
  kek: Kek,
  connection: string,
): Promise<HookSecrets> {
  const { [HOOK_SECRET]: text } = await openSecrets(tx, kek, place(connection));
  const all = text === undefined ? [] : text.split(',');
  const inAddress = all.filter((each) => IN_ADDRESS.test(each));
  return { signing: all.filter((each) => !inAddress.includes(each)), inAddress };
}

/** True if this is one of the secrets, in a time that tells nothing about them. */
export function isHookToken(token: string, { inAddress }: HookSecrets): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const given = digest(token);
  return inAddress.map((each) => timingSafeEqual(digest(each), given)).includes(true);
}

/** True if the connection takes pushes. */
export async function hasHookSecrets(tx: TenantTx, connection: string): Promise<boolean> {
  const rows = await tx.sql(`select from connection_key k where k.connection = $1`, [
    place(connection),
  ]);
  return rows.length > 0;
}
