import { liveConnection } from '../../intake/connections.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ObjectDescription } from '../../sdk/define-connector.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/**
 * The fields of one object, as the connected system describes them now. A system that pushes is not asked: what it may
 * send is what `pushed`, our own endpoint, takes. Throws NotFoundError and the remote errors.
 */
export async function describeObject(
  deps: Deps,
  caller: Caller,
  input: {
    readonly connection: string;
    readonly object: string;
    readonly pushed: (object: string) => ObjectDescription | null;
  },
): Promise<ObjectDescription> {
  const { connection: id, object } = input;
  const connection = await deps.store.readTenant(caller.tenantId, (tx) => liveConnection(tx, id));
  if (!connection.pushed) {
    const session = await deps.sessions.of(caller.tenantId, id);
    return await session.describe(object);
  }
  const described = input.pushed(object);
  if (described !== null) return described;
  throw new NotFoundError(
    `No ${object} is pushed to "${id}". \`trueup connections describe ${id}\` shows what is.`,
  );
}
