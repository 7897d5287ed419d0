import type { TenantTx } from '../db/store.ts';
import { isLive, listConnections } from '../intake/connections.ts';
import { streamStandings } from '../intake/stream-states.ts';
import { judgeStream, type GateStream } from '../licensing/cycles/gate.ts';
import { streamsOf } from './connection-streams.ts';
import type { Deps } from './deps.ts';

const HOUR_MS = 3_600_000;

/**
 * How every stream stands that feeds a run, by connection. Paused connections are among them: what they last said is still counted.
 * A connection that is pushed into is read by nobody, and what it holds is proven by its own directory or log.
 */
export async function cycleGate(
  deps: Pick<Deps, 'registry'>,
  tx: TenantTx,
  freshHours: number,
): Promise<readonly GateStream[]> {
  const live = (await listConnections(tx)).filter(isLive);
  const paused = new Set(live.filter(({ status }) => status === 'paused').map(({ id }) => id));
  const wanted = live.flatMap((each) =>
    streamsOf(deps.registry, each).map(({ name }) => ({ connection: each.id, stream: name })),
  );
  const now = await tx.clock();
  return (await streamStandings(tx, wanted)).map((each) =>
    judgeStream({ ...each, paused: paused.has(each.connection) }, now, freshHours * HOUR_MS),
  );
}
