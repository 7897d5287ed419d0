import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withHomeLock } from '../../app/with-home-lock.ts';
import type { Config } from '../../config/read-environment.ts';
import { ConfigError, UnauthenticatedError } from '../../kernel/errors.ts';
import { readAdminKey } from './admin-key.ts';
import { homeDefaults } from './home-defaults.ts';
import { isAlive, readServerFile, writeServerFile } from './server-file.ts';
import { lastWords, spawnRole, type RoleProcess } from './spawn-role.ts';
import { endProcess } from './stop-home-server.ts';

/** The server of a home, ready for calls. */
export interface HomeServer {
  readonly url: string;
  readonly key: string;
}

const READY_S = 90;
/** How long an API that lives may take to answer before it counts as broken. */
const ANSWER_S = 10;

/**
 * The home's own server: the one that runs, or one that is started now (embedded store, API, worker) and left running
 * for `trueup down`. Two commands at once start one server. Of a server that lost its worker only the worker is
 * started anew; without a sound API whatever still runs is ended first, so that no process is left unknown.
 * Throws ConfigError with what it said when it does not come up, UnauthenticatedError when there is no key for the company.
 */
export async function ensureHomeServer(
  config: Config,
  options: {
    readonly tenantId: string;
    /** The caller's own key; the key of the home's administrator when left out. */
    readonly key?: string;
    readonly tell: (text: string) => void;
  },
): Promise<HomeServer> {
  await mkdir(join(config.home, 'run'), { recursive: true, mode: 0o700 });
  const url =
    (await runningUrl(config.home)) ??
    (await withHomeLock(join(config.home, 'run', 'start.lock'), () => start(config, options.tell)));
  const key = options.key ?? (await readAdminKey(config.home, options.tenantId));
  if (key === null) {
    throw new UnauthenticatedError(
      `The home ${config.home} has no administrator key for the company "${options.tenantId}". Give one with TRUEUP_KEY or --token-file.`,
    );
  }
  return { url, key };
}

/** The address of the home's server, if its processes live and it answers. */
export async function runningUrl(home: string): Promise<string | null> {
  const file = await readServerFile(home);
  if (file === null || !isAlive(file.apiPid) || !isAlive(file.workerPid)) return null;
  return (await isReady(file.url)) ? file.url : null;
}

async function start(config: Config, tell: (text: string) => void): Promise<string> {
  const { home } = config;
  const left = await endUnsound(home);
  if (left?.workerPid !== undefined) return left.url;
  tell(
    left === null
      ? `Starting the server of ${home} …`
      : `The worker of ${home} is gone; starting it again …`,
  );
  const defaults = await homeDefaults(home);
  const api = left ?? (await startApi(home, defaults));
  const worker = await spawnRole(home, 'worker', { ...defaults, TRUEUP_ROLE: 'all' });
  await writeServerFile(home, { ...api, workerPid: worker.pid });
  return api.url;
}

interface Survivors {
  readonly url: string;
  readonly apiPid: number;
  /** Undefined: the worker is gone. */
  readonly workerPid?: number;
}

/** What still runs and is sound; null after the rest was ended. */
async function endUnsound(home: string): Promise<Survivors | null> {
  const file = await readServerFile(home);
  if (file === null) return null;
  const { url, apiPid, workerPid } = file;
  if (await answers(url, apiPid, ANSWER_S))
    return { url, apiPid, ...(isAlive(workerPid) ? { workerPid } : {}) };
  await Promise.all([endProcess(workerPid), endProcess(apiPid)]);
  return null;
}

async function startApi(
  home: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly apiPid: number }> {
  const api = await spawnRole(home, 'serve', { ...env, TRUEUP_ROLE: 'api' });
  const url = await waitForAddress(api);
  if (url !== null && (await answers(url, api.pid, READY_S))) return { url, apiPid: api.pid };
  await endProcess(api.pid);
  throw new ConfigError(
    `The server of ${home} did not start. From ${api.log}:\n${await lastWords(api)}`,
  );
}

async function waitForAddress(api: RoleProcess): Promise<string | null> {
  const ends = Date.now() + READY_S * 1000;
  while (isAlive(api.pid) && Date.now() < ends) {
    const url = await readAddress(api.addressFile);
    if (url !== null) return url;
    await delay(50);
  }
  return null;
}

/** True once it is ready; false when it has ended, or is not ready after so long. */
async function answers(url: string, pid: number, seconds: number): Promise<boolean> {
  const ends = Date.now() + seconds * 1000;
  while (isAlive(pid) && Date.now() < ends) {
    if (await isReady(url)) return true;
    await delay(50);
  }
  return false;
}

async function readAddress(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
