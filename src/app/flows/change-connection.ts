import { appendAudit } from '../../audit/audit-log.ts';
import { getConnection, updateConnection, type Connection } from '../../intake/connections.ts';
import type { Caller } from '../../security/caller.ts';
import { connectionView, type ConnectionView } from '../connection-view.ts';
import type { Deps } from '../deps.ts';
import { wakeDelivery } from '../wake-delivery.ts';

/** Opens a connection for writing or closes it, pauses or resumes it. Throws NotFoundError. */
export async function changeConnection(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly mode?: Connection['mode'] | undefined;
    readonly paused?: boolean | undefined;
  },
): Promise<ConnectionView> {
  return await deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await getConnection(tx, input.id);
    const status =
      input.paused === undefined ? undefined : input.paused ? 'paused' : statusOf(before);
    const after = await updateConnection(tx, input.id, { mode: input.mode, status });
    await wakeDelivery(deps, tx, after);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'connection.changed',
      subject: { type: 'connection', id: input.id },
      details: {
        before: { mode: before.mode, status: before.status },
        after: { mode: after.mode, status: after.status },
      },
    });
    return await connectionView(tx, after);
  });
}

/** What a connection is when it is not paused: as its last check left it. */
function statusOf(connection: Connection): Connection['status'] {
  if (connection.status !== 'paused') return connection.status;
  const login = connection.checks.find((check) => check.name === 'login');
  if (connection.checkedAt === null) return 'unchecked';
  return login?.ok === false ? 'reauth_required' : 'ok';
}
