import type pg from 'pg';
import { translate } from './pg-errors.ts';

type Held<T> = { readonly held: true; readonly value: T } | { readonly held: false };

/**
 * Runs `fn` under a named advisory lock that the server frees when the connection breaks. The lock belongs to
 * an open, idle transaction, so it also works through a pooler that hands out connections by transaction.
 */
export async function tryLock<T>(
  pool: pg.Pool,
  name: string,
  fn: (lost: AbortSignal) => Promise<T>,
): Promise<Held<T>> {
  const client = await take(pool);
  const lost = new AbortController();
  const onError = () => lost.abort();
  client.on('error', onError);
  try {
    if (!(await acquire(client, name))) return { held: false };
    return { held: true, value: await fn(lost.signal) };
  } finally {
    const broken = lost.signal.aborted || !(await release(client));
    client.off('error', onError);
    client.release(broken);
  }
}

async function take(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw translate(error);
  }
}

async function acquire(client: pg.PoolClient, name: string): Promise<boolean> {
  try {
    await client.query('begin');
    const sql = 'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as held';
    const { rows } = await client.query<{ held: boolean }>(sql, [`trueup:${name}`]);
    return rows[0]?.held === true;
  } catch (error) {
    throw translate(error);
  }
}

async function release(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}
