import { execFile, spawn } from 'node:child_process';
import { chown, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { ConfigError, StoreUnavailable, messageOf } from '../../kernel/errors.ts';
import { localUrl, type Credentials } from './credentials.ts';
import { asCall, type Place, type Privileges } from './privileges.ts';

const run = promisify(execFile);
const ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};
const LOG_TAIL = 2_000;

const MAX_CONNECTIONS = 100;

/** Everything that the programs need to know about one store. */
export interface Cluster {
  readonly place: Place;
  readonly privileges: Privileges;
  readonly credentials: Credentials;
  readonly dataFolder: string;
  readonly logFile: string;
}

/** How a call is spawned: with a bare environment, and as the user that it names. */
export function callOptions(call: { readonly uid?: number; readonly gid?: number }) {
  const { uid, gid } = call;
  return { env: ENV, ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}

/** Makes the store unless it exists. It is built beside its place and appears whole by a rename. */
export async function createCluster(cluster: Cluster): Promise<void> {
  const version = await readFile(join(cluster.dataFolder, 'PG_VERSION'), 'utf8').catch(
    () => undefined,
  );
  if (version !== undefined) return await requireVersion(cluster, version.trim());
  const draft = `${cluster.dataFolder}.new`;
  const passwordFile = `${cluster.dataFolder}.password`;
  await rm(draft, { recursive: true, force: true });
  await writeFile(passwordFile, cluster.credentials.superuser, { mode: 0o600 });
  try {
    if (cluster.privileges.kind === 'user') {
      await chown(passwordFile, cluster.privileges.uid, cluster.privileges.gid);
    }
    const call = asCall(cluster.privileges, cluster.place.binaries.initdb, [
      `--pgdata=${draft}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--data-checksums',
    ]);
    await run(call.file, [...call.args], callOptions(call));
    await rename(draft, cluster.dataFolder);
  } catch (error) {
    throw new ConfigError(
      `The store could not be made in ${cluster.dataFolder}: ${messageOf(error)}`,
      { cause: error },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function requireVersion(cluster: Cluster, version: string): Promise<void> {
  const call = asCall({ kind: 'plain' }, cluster.place.binaries.postgres, ['--version']);
  const { stdout } = await run(call.file, [...call.args], { env: ENV });
  const installed = /(\d+)/.exec(stdout)?.[1];
  if (installed === version) return;
  throw new ConfigError(
    `The store in ${cluster.dataFolder} is of PostgreSQL ${version}, and ${installed} is installed. ` +
      `Move it with the pg_upgrade of both versions, or start anew in another TRUEUP_HOME.`,
  );
}

/** A port that was free a moment ago. Another program may take it first; the caller tries again then. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string')
    throw new ConfigError('127.0.0.1 gives no port.');
  return address.port;
}

function settings(port: number, durable: boolean): readonly string[] {
  const fast = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'shared_buffers=64MB',
  ];
  const safe = ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on', 'shared_buffers=128MB'];
  const all = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    // No socket file: its path may have 107 bytes at most, and TCP serves every client with one plain URL.
    'unix_socket_directories=',
    `max_connections=${MAX_CONNECTIONS}`,
    'password_encryption=scram-sha-256',
    'timezone=UTC',
    'log_timezone=UTC',
    'jit=off',
    // Errors of statements reach the client; in the server's log they would grow without bound and hold data.
    'log_min_messages=log',
    'log_checkpoints=off',
    'random_page_cost=1.1',
    'max_wal_size=1GB',
    ...(durable ? safe : fast),
  ];
  return all.flatMap((setting) => ['-c', setting]);
}

/** A server process that was just started. */
export interface Started {
  /** Resolves when the process ends, with the last lines of its log. */
  readonly ended: Promise<string>;
}

/** Starts the server in a session of its own, so that it outlives us and our terminal. */
export async function spawnServer(
  cluster: Cluster,
  port: number,
  durable: boolean,
): Promise<Started> {
  const log = await open(cluster.logFile, 'w', 0o600);
  const args = ['-D', cluster.dataFolder, ...settings(port, durable)];
  const call = asCall(cluster.privileges, cluster.place.binaries.postgres, args);
  const child = spawn(call.file, [...call.args], {
    ...callOptions(call),
    cwd: cluster.place.folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<string>((resolve) => {
    const finish = () =>
      void readFile(cluster.logFile, 'utf8').then(
        (text) => resolve(text.slice(-LOG_TAIL)),
        () => resolve(''),
      );
    child.once('exit', finish);
    child.once('error', finish);
  });
  child.unref();
  await log.close();
  return { ended };
}

/** Makes the owner and its database unless they exist; a crash between the two is repaired by the next start. */
export async function createDatabase(cluster: Cluster, port: number): Promise<void> {
  const { superuser, owner } = cluster.credentials;
  const client = new pg.Client({
    connectionString: localUrl('postgres', superuser, port, 'postgres'),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const role = await client.query(`select from pg_catalog.pg_roles where rolname = 'trueup'`);
    if (role.rowCount === 0)
      await client.query(`create role trueup login createrole createdb password '${owner}'`);
    const database = await client.query(
      `select from pg_catalog.pg_database where datname = 'trueup'`,
    );
    if (database.rowCount === 0) await client.query('create database trueup owner trueup');
  } catch (error) {
    throw new StoreUnavailable(
      `The store in ${cluster.dataFolder} could not be set up: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
