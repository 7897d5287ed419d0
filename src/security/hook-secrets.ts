import type { TenantTx } from '../db/store.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { Kek } from './kek.ts';
import { forgetSecrets, openSecrets, sealSecrets } from './secrets.ts';

/** The name under which the secret of pushes is given with a connection's other secrets. */
export const HOOK_SECRET = 'webhookSecret';
/** Kept apart from what the connector sees: a connector has no need of it. `#` occurs in no connection's name. */
const place = (connection: string): string => `${connection}#hook`;

/** https://www.standardwebhooks.com: `whsec_` and base64 of 24 to 64 bytes. */
const FORM = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/**
 * Reads the secrets that sign pushes: one, or several with commas while the sender changes over.
 * Throws a ValidationError that never quotes them.
 */
export function parseHookSecrets(text: string): readonly string[] {
  const secrets = text.split(',').map((each) => each.trim());
  if (secrets.every((each) => FORM.test(each))) return secrets;
  const message =
    'must be whsec_ and the base64 of 24 to 64 random bytes; several are given with commas';
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

/** Opens the secrets that sign pushes of a connection; none if it takes no pushes. */
export async function openHookSecrets(
  tx: TenantTx,
  kek: Kek,
  connection: string,
): Promise<readonly string[]> {
  const { [HOOK_SECRET]: text } = await openSecrets(tx, kek, place(connection));
  return text === undefined ? [] : text.split(',');
}

/** True if the connection takes pushes. */
export async function hasHookSecrets(tx: TenantTx, connection: string): Promise<boolean> {
  const rows = await tx.sql(`select from connection_key k where k.connection = $1`, [
    place(connection),
  ]);
  return rows.length > 0;
}
