import pg from 'pg';
import { ConfigError, messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { readMigrations, type MigrationFile } from './migration-files.ts';
import { translate } from './pg-errors.ts';

interface MigrateOptions {
  readonly url: string;
  /** Another folder than that of this version, for tests. */
  readonly folder?: string;
  readonly logger?: Logger;
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Role grants with INHERIT and SET options, which keep the sweeper's rights off the owner, came with 16. */
const OLDEST_SERVER = 160_000;

const LEDGER = `create table if not exists public.migration (
  number integer primary key,
  name text not null,
  checksum text not null,
  breaking boolean not null,
  applied_at timestamptz not null default clock_timestamp()
)`;

/** One lock for every migrator of a database: migrations change roles and take table locks in file order. */
const LOCK = `select pg_advisory_xact_lock(hashtextextended('trueup:migrate', 0))`;

/**
 * Brings the store to this version, one transaction per file, and returns the names of the files applied.
 * Any number of processes may call it at the same time. Throws ConfigError when the store is newer than this
 * version, when an applied file was edited, when a file was slipped in below the last applied one, or when a
 * file fails (what it did is rolled back; earlier files stay applied).
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const files = await readMigrations(options.folder);
  const client = new pg.Client({
    connectionString: options.url,
    application_name: 'trueup-migrate',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await requireServer(client);
    await inTransaction(client, () => client.query(LEDGER));
    verify(files, await readApplied(client));
    const done: string[] = [];
    for (const file of files) {
      if (!(await inTransaction(client, () => apply(client, file)))) continue;
      done.push(file.name);
      options.logger?.info('migration applied', { name: file.name });
    }
    verify(files, await readApplied(client));
    return done;
  } catch (error) {
    throw translate(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function requireServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version_num') as version`,
  );
  const version = Number(rows[0]?.version);
  if (version >= OLDEST_SERVER) return;
  throw new ConfigError(
    `The database is PostgreSQL ${Math.trunc(version / 10_000)}. Trueup needs 16 or newer.`,
  );
}

async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query(`begin; ${LOCK}`);
  try {
    const value = await work();
    await client.query('commit');
    return value;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function readApplied(client: pg.Client): Promise<readonly Applied[]> {
  const sql =
    'select migration.number, migration.name, migration.checksum from public.migration order by 1';
  return (await client.query<Applied>(sql)).rows;
}

/** The row goes in first, so that a migrator that lost the race finds it and does nothing. */
async function apply(client: pg.Client, file: MigrationFile): Promise<boolean> {
  const sql = `insert into public.migration (number, name, checksum, breaking)
    values ($1, $2, $3, $4) on conflict (number) do nothing`;
  const { rowCount } = await client.query(sql, [
    file.number,
    file.name,
    file.checksum,
    file.breaking,
  ]);
  if (rowCount === 0) return false;
  try {
    await client.query(file.sql);
  } catch (error) {
    throw new ConfigError(
      `The migration ${file.name} failed: ${messageOf(error)}. Nothing of it was kept.`,
      {
        cause: error,
      },
    );
  }
  return true;
}

function verify(files: readonly MigrationFile[], applied: readonly Applied[]): void {
  const known = new Map(files.map((file) => [file.number, file]));
  const last = applied.at(-1)?.number ?? 0;
  for (const row of applied) {
    const file = known.get(row.number);
    if (file === undefined) {
      throw new ConfigError(
        `The store was migrated by a newer version (${row.name}). Start that version, or restore an older backup.`,
      );
    }
    if (file.checksum === row.checksum) continue;
    throw new ConfigError(
      `The migration ${file.name} was edited after it had been applied. Restore its text and add a new file.`,
    );
  }
  const missed = files.find(
    (file) => file.number < last && !applied.some((row) => row.number === file.number),
  );
  if (missed === undefined) return;
  throw new ConfigError(
    `The migration ${missed.name} is numbered below others that this store has already. Give it the next free number.`,
  );
}
