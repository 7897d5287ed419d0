import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { codeOf } from '../code-of.ts';
import { isRunning } from './start-lock.ts';

/** What a running server wrote into `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

const POLL_MS = 50;
const PROBE_MS = 5_000;

/** Reads the pid file; undefined if there is none or the server has not yet written its port. */
export async function readPostmaster(dataFolder: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !Number.isSafeInteger(port) || port <= 0)
    return undefined;
  return { pid, port };
}

/**
 * `ready`: it answers and serves exactly this folder. `bare`: likewise, but our database is not made yet.
 * `starting`: it is alive and will answer. `other`: it is not ours, or nobody answers.
 */
export type Probe = 'ready' | 'bare' | 'starting' | 'other';

/** Asks the server on the port which folder it serves. A pid file alone proves nothing after a crash. */
export async function probe(url: string, dataFolder: string): Promise<Probe> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string; made: boolean }>(
      `select current_setting('data_directory') as folder,
        exists (select from pg_catalog.pg_database where datname = 'trueup') as made`,
    );
    const served = rows[0]?.folder ?? '';
    if ((await realpath(served)) !== (await realpath(dataFolder))) return 'other';
    return rows[0]?.made === true ? 'ready' : 'bare';
  } catch (error) {
    // 57P03: the server is starting up, recovering or shutting down.
    return codeOf(error) === '57P03' ? 'starting' : 'other';
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Removes a pid file that a crash left behind and whose number another program has by now (after a reboot or
 * in a new container), because PostgreSQL would refuse to start. It stays while any process works in the folder:
 * a killed server's children may still write.
 */
export async function removeStalePidFile(dataFolder: string): Promise<void> {
  const text = await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (platform() !== 'linux' || !isRunning(pid)) return;
  if ((await processesIn(dataFolder)).length > 0) return;
  await rm(join(dataFolder, 'postmaster.pid'), { force: true });
}

/** The processes whose working folder is the store: PostgreSQL and its children change into it. Linux only. */
async function processesIn(dataFolder: string): Promise<readonly number[]> {
  const folder = await realpath(dataFolder);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(
    pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')),
  );
  return pids.filter((_, at) => folders[at] === folder).map(Number);
}

/** Waits until the process is gone; false when it is still there after `ms`. */
export async function waitForExit(pid: number, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (isRunning(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
