import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../code-of.ts';
import { StoreUnavailable } from '../../kernel/errors.ts';

const POLL_MS = 50;
const GIVE_UP_MS = 180_000;
/** Breaking a lock takes milliseconds; a breaker that is older has died. */
const BREAKER_MS = 10_000;

/**
 * Runs `work` while no other process works on the same lock file. The file holds the owner's process id; a
 * file whose owner is gone is removed. It only saves work: PostgreSQL's own pid file and the atomic rename of a
 * new store keep two servers apart even without it.
 */
export async function withStartLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (!(await create(path))) {
    if (Date.now() > deadline) {
      throw new StoreUnavailable(
        `Another process has been starting the store for minutes. If none is, remove ${path}.`,
      );
    }
    if (await isStale(path)) await breakLock(path);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  const owner = Number(await readFile(path, 'utf8').catch(() => ''));
  // The file is empty between its creation and the writing of the id: age decides then.
  if (owner === 0) return await olderThan(path, BREAKER_MS);
  return !isRunning(owner);
}

/** True if a process of that id exists, whoever owns it. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function olderThan(path: string, ms: number): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > ms;
}

/** Only one process at a time may break, and it looks again, so that nobody removes a fresh lock. */
async function breakLock(path: string): Promise<void> {
  const breaker = `${path}.break`;
  if (!(await create(breaker))) {
    if (await olderThan(breaker, BREAKER_MS)) await rm(breaker, { force: true });
    return;
  }
  try {
    if (await isStale(path)) await rm(path, { force: true });
  } finally {
    await rm(breaker, { force: true });
  }
}
