import { isLive, type Connection } from '../intake/connections.ts';
import type { Registry } from '../registry/load-registry.ts';
import type { StreamDefinition } from '../sdk/define-connector.ts';
import { connectorOf } from './connector-of.ts';

/** The streams that a connection reads: those of its connector that its settings choose; none where it is pushed. */
export function streamsOf(
  registry: Registry,
  connection: Pick<Connection, 'connector' | 'config'> & Partial<Pick<Connection, 'pushed'>>,
): readonly StreamDefinition[] {
  if (connection.pushed === true) return [];
  const connector = connectorOf(registry, connection.connector);
  const config = connector.config.safeParse(connection.config);
  if (connector.streamsOf === undefined || !config.success) return connector.streams;
  const chosen = new Set(connector.streamsOf(config.data));
  return connector.streams.filter(({ name }) => chosen.has(name));
}

/** Every stream that is read by itself today: of connections that are neither paused nor removed. */
export function streamsInUse(
  registry: Registry,
  connections: readonly Connection[],
): readonly { readonly connection: string; readonly stream: string }[] {
  return connections
    .filter((each) => isLive(each) && each.status !== 'paused')
    .flatMap((each) =>
      streamsOf(registry, each).map(({ name }) => ({ connection: each.id, stream: name })),
    );
}
