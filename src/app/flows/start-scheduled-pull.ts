import { isLive, listConnections } from '../../intake/connections.ts';
import { hasRunUnderWay, openRun } from '../../intake/runs.ts';
import type { JobContext, ScheduledPullPayload } from '../../sdk/flows.ts';
import { streamsOf } from '../connection-streams.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';

const ACTOR = 'system:schedule';

/**
 * Reads a connection because its schedule says so. A connection that is paused or gone, or that is being read already,
 * is left alone: the next time comes.
 */
export async function startScheduledPull(
  deps: Deps,
  context: JobContext,
  payload: ScheduledPullPayload,
): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    const connection = (await listConnections(tx)).find((each) => each.id === payload.connection);
    if (connection === undefined || !isLive(connection) || connection.status === 'paused') return;
    if (await hasRunUnderWay(tx, connection.id)) return;
    const streams = streamsOf(deps.registry, connection).map(({ name }) => name);
    const runId = await openRun(tx, {
      connection: connection.id,
      trigger: 'schedule',
      requestedBy: ACTOR,
      full: false,
      streams,
    });
    await request(
      deps,
      tx,
      streams.map((stream) => ({
        job: 'pull',
        key: `${runId}/${stream}`,
        payload: { runId, stream },
      })),
    );
  });
}
