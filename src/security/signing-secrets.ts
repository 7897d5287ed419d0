import type { TenantTx } from '../db/store.ts';
import { ConfigError } from '../kernel/errors.ts';
import type { Kek } from './kek.ts';
import { forgetSecrets, openSecrets, sealSecrets } from './secrets.ts';
import { newSigningSecret } from './sign-webhook.ts';

/** Sealed beside the secrets of connections; `#` occurs in no connection's name. */
const place = (endpointId: string): string => `${endpointId}#signing`;

/** What an endpoint's calls are signed with. */
export interface SigningSecrets {
  readonly current: string;
  /** The one before; the caller knows how long it still signs. */
  readonly previous: string | null;
}

/** Makes the first signing secret of an endpoint and seals it. Returned to be shown once. */
export async function makeSigningSecret(
  tx: TenantTx,
  kek: Kek,
  endpointId: string,
): Promise<string> {
  const secret = newSigningSecret();
  await sealSecrets(tx, kek, place(endpointId), { current: secret });
  return secret;
}

/** Makes a new one and keeps the present as the previous. Returned to be shown once. */
export async function rotateSigningSecret(
  tx: TenantTx,
  kek: Kek,
  endpointId: string,
): Promise<string> {
  const { current } = await openSigningSecrets(tx, kek, endpointId);
  const secret = newSigningSecret();
  await sealSecrets(tx, kek, place(endpointId), { current: secret, previous: current });
  return secret;
}

/** Opens the signing secrets of an endpoint. Throws a ConfigError where they are gone or cannot be opened. */
export async function openSigningSecrets(
  tx: TenantTx,
  kek: Kek,
  endpointId: string,
): Promise<SigningSecrets> {
  const { current, previous } = await openSecrets(tx, kek, place(endpointId));
  if (current === undefined) {
    throw new ConfigError(
      `The signing secret of webhook endpoint "${endpointId}" is gone. Remove the endpoint and add it again.`,
    );
  }
  return { current, previous: previous ?? null };
}

/** Removes the signing secrets of an endpoint. */
export async function forgetSigningSecrets(tx: TenantTx, endpointId: string): Promise<void> {
  await forgetSecrets(tx, place(endpointId));
}
