import type pg from 'pg';
import { InternalError, NotFoundError, StoreUnavailable, messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { codeOf } from './code-of.ts';
import { openLink, type Link, type OwnedLink } from './link.ts';
import { isConnectionLoss, translate } from './pg-errors.ts';
import { requireTenantId } from './tenant-id.ts';

/** What is sent, in one round trip, before the function runs. */
export interface Begin {
  readonly text: string;
  readonly tenantId?: string;
}

type Isolation =
  | 'read committed'
  | 'repeatable read'
  | 'serializable'
  | 'repeatable read read only';

/** SQLSTATE of `app.enter` for a tenant that does not exist (no_data_found). */
const UNKNOWN_TENANT = 'P0002';

export const BEGIN_OWNER: Begin = { text: `begin; set local timezone to 'UTC'` };

/** The opening of a tenant's transaction. Throws ValidationError for an id that is no slug. */
export function beginTenant(tenantId: string, isolation: Isolation): Begin {
  const id = requireTenantId(tenantId);
  const text = `begin isolation level ${isolation}; set local timezone to 'UTC'; set local role trueup_app; select app.enter('${id}')`;
  return { text, tenantId: id };
}

type Run = <T, X>(begin: Begin, open: (link: Link) => X, fn: (tx: X) => Promise<T>) => Promise<T>;

/**
 * Runs functions in transactions: commit when the function resolves, roll back when it throws, and give the
 * connection back in either case (a broken one is closed instead).
 */
export function runner(pool: pg.Pool, logger: Logger): Run {
  return async (begin, open, fn) => {
    const client = await connect(pool);
    const owned = openLink(client);
    let value: Awaited<ReturnType<typeof fn>>;
    try {
      await start(client, begin);
      value = await fn(open(owned.link));
      await owned.seal();
      await commit(client);
    } catch (error) {
      await owned.seal();
      client.release(!(await rollBack(client)));
      throw translate(error);
    }
    client.release();
    await runHooks(owned, logger);
    return value;
  };
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw translate(error);
  }
}

async function start(client: pg.PoolClient, begin: Begin): Promise<void> {
  try {
    await client.query(begin.text);
  } catch (error) {
    if (codeOf(error) !== UNKNOWN_TENANT) throw error;
    throw new NotFoundError(
      `There is no tenant "${begin.tenantId}". List them with: trueup tenants list.`,
      {
        cause: error,
      },
    );
  }
}

/** PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error; that must not pass as success. */
async function commit(client: pg.PoolClient): Promise<void> {
  let command: string;
  try {
    command = (await client.query('commit')).command;
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
    throw new StoreUnavailable(
      'The database went away during a commit, so the outcome is unknown. Read the rows again before repeating.',
      { cause: error, details: { outcome: 'unknown' } },
    );
  }
  if (command === 'COMMIT') return;
  throw new InternalError(
    'A statement of this transaction had failed and its error was swallowed; nothing was written.',
  );
}

/** False if the connection is beyond use. */
async function rollBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

async function runHooks(owned: OwnedLink, logger: Logger): Promise<void> {
  for (const hook of owned.hooks) {
    try {
      await hook();
    } catch (error) {
      logger.warn('a step after a commit failed', { reason: messageOf(error) });
    }
  }
}
