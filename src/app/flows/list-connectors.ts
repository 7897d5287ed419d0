import * as z from 'zod';
import type { Deps } from '../deps.ts';
import type { ConnectorDefinition } from '../../sdk/define-connector.ts';
import { connectorOf } from '../connector-of.ts';

/** A connector as an administrator needs to know it, with JSON Schemas of its settings and secrets. */
export interface ConnectorView {
  readonly id: string;
  readonly title: string;
  readonly role: ConnectorDefinition['role'];
  readonly config: unknown;
  readonly secrets: unknown;
  readonly streams: ConnectorDefinition['streams'];
  readonly writers: ConnectorDefinition['writers'];
}

/** The installed connectors. */
export function listConnectors(deps: Pick<Deps, 'registry'>): readonly ConnectorView[] {
  return [...deps.registry.connectors.values()].map(viewOf);
}

/** One installed connector. Throws NotFoundError. */
export function showConnector(deps: Pick<Deps, 'registry'>, id: string): ConnectorView {
  return viewOf(connectorOf(deps.registry, id));
}

function viewOf(connector: ConnectorDefinition): ConnectorView {
  const schema = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' });
  const { id, title, role, streams, writers } = connector;
  return {
    id,
    title,
    role,
    config: schema(connector.config),
    secrets: schema(connector.secrets),
    streams,
    writers,
  };
}
