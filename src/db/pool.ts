import pg from 'pg';
import type { Logger } from '../kernel/logger.ts';
import { messageOf } from '../kernel/errors.ts';
import { translate } from './pg-errors.ts';
import { typeParsers } from './pg-types.ts';

/** How long a caller waits for a free connection before it is told that the store is not available. */
const WAIT_MS = 20_000;
const IDLE_MS = 30_000;

interface PoolOptions {
  readonly url: string;
  readonly size: number;
  readonly logger: Logger;
}

/** A pool whose broken connections are logged and dropped; no lost connection may end the process. */
export function openPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.size,
    types: typeParsers,
    application_name: 'trueup',
    connectionTimeoutMillis: WAIT_MS,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
  });
  const onLoss = (error: Error) =>
    options.logger.warn('database connection lost', { reason: messageOf(error) });
  pool.on('error', onLoss);
  // While a client is lent out the pool does not listen, and an unheard 'error' event ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** One round trip. Throws StoreUnavailable when the database does not answer. */
export async function ping(pool: pg.Pool): Promise<void> {
  try {
    await pool.query('select 1');
  } catch (error) {
    throw translate(error);
  }
}
