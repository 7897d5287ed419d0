import { liveConnection } from '../../intake/connections.ts';
import type { Caller } from '../../security/caller.ts';
import { streamsOf } from '../connection-streams.ts';
import type { Deps } from '../deps.ts';
import { connectorOf } from '../connector-of.ts';

/** An object of a connected system that Trueup reads, writes, or both. */
export interface ConnectedObject {
  readonly object: string;
  readonly title: string;
  readonly reads: boolean;
  readonly writes: boolean;
}

/** What Trueup reads and writes through a connection. Throws NotFoundError. */
export async function listObjects(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<readonly ConnectedObject[]> {
  const connection = await deps.store.readTenant(caller.tenantId, (tx) => liveConnection(tx, id));
  const { writers } = connectorOf(deps.registry, connection.connector);
  const streams = streamsOf(deps.registry, connection);
  const titles = new Map([
    ...writers.map((each) => [each.object, each.title] as const),
    ...streams.map((each) => [each.name, each.title] as const),
  ]);
  return [...titles].map(([object, title]) => ({
    object,
    title,
    reads: streams.some((each) => each.name === object),
    writes: writers.some((each) => each.object === object),
  }));
}
