import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withHomeLock } from '../../app/with-home-lock.ts';
import type { Config } from '../../config/read-environment.ts';
import { ConfigError } from '../../kernel/errors.ts';
import { readAdminKey } from './admin-key.ts';
import { homeDefaults } from './home-defaults.ts';
import { isAlive, readServerFile, writeServerFile } from './server-file.ts';
import { lastLines, spawnRole } from './spawn-role.ts';

/** The server of a home, ready for calls. */
export interface HomeServer {
  readonly url: string;
  readonly key: string;
}

const READY_S = 90;

/**
 * The home's own server: the one that runs, or one that is started now (embedded store, API, worker) and left running
 * for `trueup down`. Two commands at once start one server.
 * Throws ConfigError with the end of the log when it does not come up.
 */
export async function ensureHomeServer(
  config: Config,
  options: { readonly tenantId: string; readonly tell: (text: string) => void },
): Promise<HomeServer> {
  await mkdir(join(config.home, 'run'), { recursive: true, mode: 0o700 });
  const url =
    (await runningUrl(config.home)) ??
    (await withHomeLock(join(config.home, 'run', 'start.lock'), () => start(config, options.tell)));
  const key = await readAdminKey(config.home, options.tenantId);
  if (key === null) {
    throw new ConfigError(
      `The home ${config.home} has no administrator key for "${options.tenantId}". Give one with TRUEUP_KEY or --token-file.`,
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
  const running = await runningUrl(config.home);
  if (running !== null) return running;
  tell(`Starting the server of ${config.home} …`);
  const defaults = await homeDefaults(config.home);
  const api = await spawnRole(config.home, 'serve', { ...defaults, TRUEUP_ROLE: 'api' });
  const url = await waitForAddress(config.home, api);
  const worker = await spawnRole(config.home, 'worker', { ...defaults, TRUEUP_ROLE: 'all' });
  await writeServerFile(config.home, { url, apiPid: api.pid, workerPid: worker.pid });
  return url;
}

async function waitForAddress(
  home: string,
  api: { readonly pid: number; readonly addressFile: string; readonly log: string },
): Promise<string> {
  const ends = Date.now() + READY_S * 1000;
  while (Date.now() < ends) {
    const url = await readAddress(api.addressFile);
    if (url !== null && (await isReady(url))) return url;
    if (!isAlive(api.pid)) break;
    await delay(50);
  }
  throw new ConfigError(
    `The server of ${home} did not start. The end of ${api.log}:\n${await lastLines(api.log)}`,
  );
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
