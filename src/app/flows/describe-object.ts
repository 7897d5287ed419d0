import { liveConnection } from '../../intake/connections.ts';
import type { ObjectDescription } from '../../sdk/define-connector.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** The fields of one object, as the connected system describes them now. Throws NotFoundError and the remote errors. */
export async function describeObject(
  deps: Deps,
  caller: Caller,
  input: { readonly connection: string; readonly object: string },
): Promise<ObjectDescription> {
  await deps.store.readTenant(caller.tenantId, (tx) => liveConnection(tx, input.connection));
  const session = await deps.sessions.of(caller.tenantId, input.connection);
  return await session.describe(input.object);
}
