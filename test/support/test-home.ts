import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../src/db/embedded/start-lock.ts';
import { stopEmbedded } from '../../src/db/embedded/start-embedded.ts';

const PREFIX = 'trueup-test-';

/** Makes the folder in which this run's database will live; its name tells which process owns it. */
export async function makeTestHome(): Promise<string> {
  return await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Stops the folder's database, if it was ever started, and removes the folder. */
export async function removeTestHome(home: string): Promise<void> {
  const entries = await readdir(home).catch((): string[] => []);
  if (entries.includes('postgres')) await stopEmbedded({ home });
  await rm(home, { recursive: true, force: true });
}

/** Cleans up after runs that were killed before they could. */
export async function removeAbandonedHomes(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (Number.isSafeInteger(owner) && owner > 0 && !isRunning(owner)) {
      await removeTestHome(join(tmpdir(), name)).catch(() => undefined);
    }
  }
}
