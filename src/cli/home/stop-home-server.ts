import { setTimeout as delay } from 'node:timers/promises';
import { stopStore } from '../../app/stop-embedded.ts';
import { isAlive, readServerFile, removeServerFile } from './server-file.ts';

/** Longer than the grace that the processes themselves give to running work. */
const PATIENCE_MS = 35_000;

/** Stops what runs for a home: worker, API, then the embedded store. Returns what was stopped. */
export async function stopHomeServer(home: string): Promise<readonly string[]> {
  const file = await readServerFile(home);
  const stopped: string[] = [];
  if (file !== null) {
    const processes = [
      ['worker', file.workerPid],
      ['api', file.apiPid],
    ] as const;
    const ended = await Promise.all(
      processes.map(async ([name, pid]) => ((await endProcess(pid)) ? [name] : [])),
    );
    stopped.push(...ended.flat());
    await removeServerFile(home);
  }
  if (await stopStore(home)) stopped.push('store');
  return stopped;
}

/** Asks a process to end, and ends it when it does not. False if it was not there. */
export async function endProcess(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  signal(pid, 'SIGTERM');
  const ends = Date.now() + PATIENCE_MS;
  while (isAlive(pid) && Date.now() < ends) await delay(50);
  if (isAlive(pid)) signal(pid, 'SIGKILL');
  return true;
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}
