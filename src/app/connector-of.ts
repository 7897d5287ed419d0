import { NotFoundError } from '../kernel/errors.ts';
import type { Registry } from '../registry/load-registry.ts';
import type { ConnectorDefinition } from '../sdk/define-connector.ts';

/** The installed connector of that name. Throws NotFoundError with the names that there are. */
export function connectorOf(registry: Registry, id: string): ConnectorDefinition {
  const connector = registry.connectors.get(id);
  if (connector === undefined) {
    throw new NotFoundError(
      `There is no connector "${id}". Installed: ${[...registry.connectors.keys()].join(', ')}.`,
    );
  }
  return connector;
}
