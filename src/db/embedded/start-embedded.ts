import { chmod } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../../kernel/errors.ts';
import { silentLogger, type Logger } from '../../kernel/logger.ts';
import { findBinaries } from './binaries.ts';
import { createCluster, createDatabase, freePort, spawnServer, type Cluster } from './cluster.ts';
import { localUrl, readCredentials } from './credentials.ts';
import { choosePrivileges, preparePlace, type Privileges } from './privileges.ts';
import {
  probe,
  readPostmaster,
  removeStalePidFile,
  waitForExit,
  type Postmaster,
} from './postmaster.ts';
import { isRunning, withStartLock } from './start-lock.ts';

export interface EmbeddedOptions {
  /** `TRUEUP_HOME`; the store lives in its folder `postgres`. */
  readonly home: string;
  /** False turns off fsync and waiting for the log: for tests only, a power cut loses data. Default true. */
  readonly durable?: boolean;
  /** How to run when we are root, for tests; found out otherwise. */
  readonly privileges?: Privileges;
  readonly logger?: Logger;
}

/** A running embedded PostgreSQL. It goes on when this process ends; `stop` ends it for everybody. */
export interface Embedded {
  /** The owner of the database `trueup`, no superuser: what DATABASE_URL would hold. */
  readonly url: string;
  /** The superuser, on the database `postgres`: set-up and tests only. */
  readonly adminUrl: string;
  readonly pid: number;
  readonly port: number;
  /** PGDATA: below the home, or below /var/lib/trueup where the server's user cannot reach the home. */
  readonly dataFolder: string;
  /** True if it had been running already. */
  readonly adopted: boolean;
  stop(): Promise<void>;
}

const START_MS = 300_000;
const STOP_MS = 60_000;
const POLL_MS = 50;
const TRIES = 5;

/**
 * Starts the PostgreSQL of a home, or adopts the one that runs. Any number of processes may call it at once and
 * get the same server. A server that was killed recovers from its log. Throws ConfigError when the
 * store cannot be made or is of another version, StoreUnavailable when the server does not come up.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const cluster = await openCluster(options);
  const running = await findRunning(cluster);
  if (running?.answer === 'ready') return embedded(cluster, running, true);
  return await withStartLock(join(cluster.place.folder, 'start.lock'), async () => {
    const other = await findRunning(cluster);
    if (other !== undefined) {
      await createDatabase(cluster, other.port);
      return embedded(cluster, other, true);
    }
    await createCluster(cluster);
    const started = await startServer(cluster, options);
    await createDatabase(cluster, started.port);
    options.logger?.info('embedded store started', { port: started.port, pid: started.pid });
    return embedded(cluster, started, false);
  });
}

/** Stops the PostgreSQL of a home (fast: sessions are cut, the log is flushed). False if none was running. */
export async function stopEmbedded(options: EmbeddedOptions): Promise<boolean> {
  const cluster = await openCluster(options);
  const running = await findRunning(cluster);
  if (running === undefined) return false;
  await stopServer(cluster, running);
  return true;
}

/** Tells whether the PostgreSQL of a home runs, without starting it. */
export async function findEmbedded(options: EmbeddedOptions): Promise<Embedded | undefined> {
  const cluster = await openCluster(options);
  const running = await findRunning(cluster);
  return running === undefined ? undefined : embedded(cluster, running, true);
}

/** The store of a home, wherever it lies. */
export async function openCluster(options: EmbeddedOptions): Promise<Cluster> {
  const privileges = options.privileges ?? (await choosePrivileges());
  const wanted = resolve(options.home, 'postgres');
  const place = await preparePlace(privileges, wanted, await findBinaries());
  await chmod(place.folder, 0o700);
  return {
    place,
    privileges,
    credentials: await withStartLock(join(place.folder, 'credentials.lock'), () =>
      readCredentials(place.folder),
    ),
    dataFolder: join(place.folder, 'data'),
    logFile: join(place.folder, 'server.log'),
  };
}

function adminUrl(cluster: Cluster, port: number): string {
  return localUrl('postgres', cluster.credentials.superuser, port, 'postgres');
}

function embedded(cluster: Cluster, running: Postmaster, adopted: boolean): Embedded {
  return {
    url: localUrl('trueup', cluster.credentials.owner, running.port, 'trueup'),
    adminUrl: adminUrl(cluster, running.port),
    pid: running.pid,
    port: running.port,
    dataFolder: cluster.dataFolder,
    adopted,
    stop: () => stopServer(cluster, running),
  };
}

/** Does nothing when the server is gone: its number may belong to another program by now. */
async function stopServer(cluster: Cluster, server: Postmaster): Promise<void> {
  if ((await readPostmaster(cluster.dataFolder))?.pid !== server.pid || !isRunning(server.pid))
    return;
  process.kill(server.pid, 'SIGINT');
  if (await waitForExit(server.pid, STOP_MS)) return;
  throw new StoreUnavailable(
    `The store's process ${server.pid} did not end. See ${cluster.logFile}.`,
  );
}

interface Running extends Postmaster {
  readonly answer: 'ready' | 'bare';
}

/** The server of this folder, waiting for it while it recovers; undefined if none runs. */
async function findRunning(cluster: Cluster): Promise<Running | undefined> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const written = await readPostmaster(cluster.dataFolder);
    if (written === undefined) return undefined;
    const answer = await probe(adminUrl(cluster, written.port), cluster.dataFolder);
    if (answer === 'ready' || answer === 'bare') return { ...written, answer };
    if (answer === 'other' || Date.now() > deadline) return undefined;
    await sleep(POLL_MS);
  }
}

async function startServer(cluster: Cluster, options: EmbeddedOptions): Promise<Postmaster> {
  await removeStalePidFile(cluster.dataFolder);
  let log = '';
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = await freePort();
    const { ended } = await spawnServer(cluster, port, options.durable ?? true);
    const outcome = await waitUntilReady(cluster, port, ended);
    if (typeof outcome !== 'string') return outcome;
    log = outcome;
    (options.logger ?? silentLogger).warn('embedded store did not start', { attempt, port });
    // A killed server's children need a moment to end, and another program may have taken the port.
    await sleep(POLL_MS * 2 ** (attempt + 2));
  }
  throw new StoreUnavailable(
    `PostgreSQL did not start in ${cluster.dataFolder}. Its log ends with:\n${log.trim()}`,
  );
}

/** The server once it answers, or the end of its log if it ended before. */
async function waitUntilReady(
  cluster: Cluster,
  port: number,
  ended: Promise<string>,
): Promise<Postmaster | string> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const log = await Promise.race([ended, sleep(POLL_MS)]);
    if (log !== undefined) return log;
    const running = await findRunning(cluster);
    if (running?.port === port) return running;
  }
  throw new StoreUnavailable(
    `PostgreSQL has not become ready in ${cluster.dataFolder}. See ${cluster.logFile}.`,
  );
}
