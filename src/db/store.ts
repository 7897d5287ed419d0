import { silentLogger, type Logger } from '../kernel/logger.ts';
import { openPool, ping } from './pool.ts';
import { retryConflicts } from './retry-conflicts.ts';
import { BEGIN_OWNER, beginTenant, runner } from './transaction.ts';
import { tryLock } from './try-lock.ts';
import type { TenantTx, Tx } from './tenant-tx.ts';
import { plainTx, tenantTx } from './tx.ts';

export type { CopyRow, SqlValue, TenantTx, Tx } from './tenant-tx.ts';

export interface TenantOptions {
  /** Run again (5 times at most, with jitter) after a serialization failure or a deadlock. Needs a repeatable fn. */
  readonly retry?: boolean;
  /** Default `read committed`. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
}

/**
 * The door to PostgreSQL. Types as they arrive: numeric as string, int8 as number (raises beyond 2^53),
 * date as `YYYY-MM-DD`, timestamptz as Date, jsonb parsed; an infinite date or timestamptz arrives as null.
 * Throws StoreUnavailable (retryable) when the database cannot be reached or the pool stays exhausted.
 */
export interface Store {
  /** Runs `fn` in one transaction of the tenant; commits when it resolves. NotFoundError for an unknown tenant. */
  withTenant<T>(
    tenantId: string,
    fn: (tx: TenantTx) => Promise<T>,
    options?: TenantOptions,
  ): Promise<T>;
  /** Like `withTenant` on one unchanging snapshot that cannot write. */
  readTenant<T>(tenantId: string, fn: (tx: TenantTx) => Promise<T>): Promise<T>;
  /**
   * Runs `fn` in one transaction as the owner of the schema, without a tenant: migrations, the `tenant`
   * table and `app.due_work()` only. Protected tables raise here too, because their security is forced.
   */
  asOwner<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs `fn` while this process holds the named advisory lock, on a connection of its own.
   * Returns `{ held: false }` at once, without running it, when another session has the lock.
   * `lost` aborts when that connection breaks, which is when another process may take the lock.
   */
  tryLock<T>(
    name: string,
    fn: (lost: AbortSignal) => Promise<T>,
  ): Promise<{ readonly held: true; readonly value: T } | { readonly held: false }>;
  /** One round trip; throws StoreUnavailable when the database does not answer. */
  ping(): Promise<void>;
  /** Ends the pool; waits for running transactions. */
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly url: string;
  /** The most connections that this process takes; a `tryLock` holds one of them. */
  readonly poolSize: number;
  readonly logger?: Logger;
}

/** Opens the pool. Nothing is sent until the first use; call `ping` to know that the database is there. */
export function openStore(options: StoreOptions): Store {
  const logger = options.logger ?? silentLogger;
  const pool = openPool({ url: options.url, size: options.poolSize, logger });
  const run = runner(pool, logger);
  return {
    withTenant: async (tenantId, fn, tenantOptions = {}) => {
      const begin = beginTenant(tenantId, tenantOptions.isolation ?? 'read committed');
      const once = () => run(begin, (link) => tenantTx(link, tenantId), fn);
      return await (tenantOptions.retry === true ? retryConflicts(once) : once());
    },
    readTenant: async (tenantId, fn) => {
      const begin = beginTenant(tenantId, 'repeatable read read only');
      return await run(begin, (link) => tenantTx(link, tenantId), fn);
    },
    asOwner: (fn) => run(BEGIN_OWNER, plainTx, fn),
    tryLock: (name, fn) => tryLock(pool, name, fn),
    ping: () => ping(pool),
    close: () => pool.end(),
  };
}
