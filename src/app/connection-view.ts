import type { TenantTx } from '../db/store.ts';
import type { Connection } from '../intake/connections.ts';
import { hasHookSecrets } from '../security/hook-secrets.ts';
import { listSecretFields } from '../security/secrets.ts';

/** A connection as a person may see it: of its secrets, the names alone. */
export interface ConnectionView extends Connection {
  readonly secretFields: readonly string[];
  /** Whether it takes pushes at `/hooks/{connection}`. */
  readonly takesPushes: boolean;
}

/** The view of a stored connection. */
export async function connectionView(
  tx: TenantTx,
  connection: Connection,
): Promise<ConnectionView> {
  return {
    ...connection,
    secretFields: await listSecretFields(tx, connection.id),
    takesPushes: await hasHookSecrets(tx, connection.id),
  };
}
