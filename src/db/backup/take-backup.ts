import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { ConfigError, messageOf, StoreUnavailable } from '../../kernel/errors.ts';
import { codeOf } from '../code-of.ts';
import { startEmbedded } from '../embedded/start-embedded.ts';
import { listClusterFiles } from './cluster-files.ts';
import { copyFile } from './copy-file.ts';
import { DATA_FOLDER, MANIFEST_FILE, type BackedUpFile, type Manifest } from './manifest.ts';

interface Began {
  readonly wal: string;
  readonly segment: string;
}

interface Ended {
  readonly wal: string;
  readonly segment: string;
  readonly label: string;
  readonly at: Date;
}

/**
 * Copies the store of a home while it works: the files as they are, and of the write-ahead log what makes them one
 * moment (PostgreSQL manual, "Making a Base Backup Using the Low Level API"). Neither the passwords of the store nor the
 * key-encryption key are in it. The backup appears whole by a rename. Throws ConfigError where `to` exists,
 * StoreUnavailable when the store stops meanwhile.
 */
export async function takeBackup(options: {
  readonly home: string;
  readonly to: string;
  readonly version: string;
}): Promise<Manifest> {
  const to = resolve(options.to);
  if (await exists(to))
    throw new ConfigError(`${to} exists already. Name a folder for the backup that does not.`);
  const server = await startEmbedded({ home: options.home });
  const draft = `${to}.${randomBytes(4).toString('hex')}.partial`;
  const client = new pg.Client({ connectionString: server.adminUrl });
  client.on('error', () => undefined);
  try {
    await mkdir(join(draft, DATA_FOLDER), { recursive: true, mode: 0o700 });
    await client.connect();
    const manifest = await copy(client, server.dataFolder, draft, options.version);
    await mkdir(dirname(to), { recursive: true });
    await rename(draft, to);
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (error instanceof ConfigError) throw error;
    throw new StoreUnavailable(
      `The backup broke off, and nothing of it stays: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    await client.end().catch(() => undefined);
    if (!server.adopted) await server.stop();
  }
}

async function copy(
  client: pg.Client,
  dataFolder: string,
  draft: string,
  version: string,
): Promise<Manifest> {
  const target = join(draft, DATA_FOLDER);
  const began = await begin(client);
  const { folders, files: paths } = await listClusterFiles(dataFolder);
  for (const folder of folders) await mkdir(join(target, folder), { mode: 0o700 });
  const files: BackedUpFile[] = [];
  for (const path of paths) {
    const copied = await copyIfThere(join(dataFolder, path), join(target, path));
    if (copied !== null) files.push({ path, ...copied });
  }
  const ended = await end(client);
  await writeFile(join(draft, 'label'), ended.label, { mode: 0o600 });
  files.push({
    path: 'backup_label',
    ...(await copyFile(join(draft, 'label'), join(target, 'backup_label'))),
  });
  await rm(join(draft, 'label'));
  for (const segment of await segmentsOf(dataFolder, began.segment, ended.segment)) {
    const path = `pg_wal/${segment}`;
    files.push({ path, ...(await copyFile(join(dataFolder, path), join(target, path))) });
  }
  const filled = new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  const manifest: Manifest = {
    format: 1,
    takenAt: ended.at.toISOString(),
    version,
    postgres: (await readFile(join(dataFolder, 'PG_VERSION'), 'utf8')).trim(),
    wal: { from: began.wal, to: ended.wal },
    folders: folders.filter((folder) => !filled.has(folder)),
    files,
  };
  await writeFile(join(draft, MANIFEST_FILE), `${JSON.stringify(manifest, null, 1)}\n`, {
    mode: 0o600,
    flush: true,
  });
  return manifest;
}

/** From here on the server keeps its log: the slot is this session's and goes with it. */
async function begin(client: pg.Client): Promise<Began> {
  await client.query(`select pg_create_physical_replication_slot($1, true, true)`, [
    `trueup_backup_${randomBytes(4).toString('hex')}`,
  ]);
  const { rows } = await client.query<Began>(
    `with began as (select pg_backup_start('trueup', fast => true) as at)
     select at::text as wal, pg_walfile_name(at) as segment from began`,
  );
  const [began] = rows;
  if (began === undefined) throw new StoreUnavailable('The store began no backup.');
  return began;
}

async function end(client: pg.Client): Promise<Ended> {
  const { rows } = await client.query<Ended>(
    `with ended as (select * from pg_backup_stop(wait_for_archive => false))
     select lsn::text as wal, pg_walfile_name(lsn) as segment, labelfile as label, clock_timestamp() as at from ended`,
  );
  const [ended] = rows;
  if (ended === undefined) throw new StoreUnavailable('The store ended no backup.');
  return ended;
}

/** The pieces of the log between two of them, which sort by their names on one timeline. */
async function segmentsOf(
  dataFolder: string,
  first: string,
  last: string,
): Promise<readonly string[]> {
  const names = await readdir(join(dataFolder, 'pg_wal'));
  const wanted = names.filter(
    (name) => /^[0-9A-F]{24}$/.test(name) && name >= first && name <= last,
  );
  if (!wanted.includes(first) || !wanted.includes(last))
    throw new StoreUnavailable(`Of the log from ${first} to ${last} a piece is gone.`);
  return wanted.toSorted();
}

/** Null for a file that was dropped since it was listed: the log says so, and recovery does not ask for it. */
async function copyIfThere(from: string, to: string) {
  try {
    return await copyFile(from, to);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
