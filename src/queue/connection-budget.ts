import type { Store } from '../db/store.ts';
import { ConfigError } from '../kernel/errors.ts';
import { LANES, POSTGRES_CONNECTIONS } from './lanes.ts';

export interface ConnectionPlan {
  /** TRUEUP_POOL_SIZE. */
  readonly poolSize: number;
  /** True if this process runs workers. */
  readonly workers: boolean;
  /** True if the queue lives in PostgreSQL. */
  readonly queueInPostgres: boolean;
}

/** The most connections to PostgreSQL that one process of this plan takes. */
export function connectionsOf(plan: ConnectionPlan): number {
  if (!plan.queueInPostgres) return plan.poolSize;
  const perLane =
    POSTGRES_CONNECTIONS.producer + (plan.workers ? POSTGRES_CONNECTIONS.consumer : 0);
  return plan.poolSize + LANES.length * perLane;
}

/**
 * Refuses a start that could not get its connections: the pools of this process against what the server leaves
 * to ordinary users. ConfigError names the figures and what to change.
 */
export async function requireConnections(store: Store, plan: ConnectionPlan): Promise<void> {
  const rows = await store.asOwner((tx) =>
    tx.sql<{ free: number; most: number }>(
      `select current_setting('max_connections')::int as most,
         current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true)::int, 0) as free`,
    ),
  );
  const wanted = connectionsOf(plan);
  const server = rows[0];
  if (server === undefined || wanted <= server.free) return;
  throw new ConfigError(
    `This process would take ${wanted} connections to PostgreSQL (${plan.poolSize} for the store, ` +
      `${wanted - plan.poolSize} for the queue), but the server has ${server.free} to give ` +
      `(max_connections = ${server.most}). Lower TRUEUP_POOL_SIZE, raise max_connections, or set REDIS_URL.`,
  );
}
