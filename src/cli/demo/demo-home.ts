import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ValidationError } from '../../kernel/errors.ts';
import { writeHomeDefaults } from '../home/home-defaults.ts';
import { stopHomeServer } from '../home/stop-home-server.ts';

const MARK = 'demo';

/**
 * Makes the home fresh for a demo. The twins forget everything when they end, so what an earlier demo left is of no
 * use and is removed. A home that holds anything but a demo is never touched: throws ValidationError.
 */
export async function freshDemoHome(home: string, today: string): Promise<string> {
  const found = await readdir(home).catch(() => [] as string[]);
  const isDemo = found.includes(MARK);
  if (found.length > 0 && !isDemo) {
    throw new ValidationError(
      `${home} holds data that is not a demo's. Run the demo in a home of its own: TRUEUP_HOME=.trueup-demo make demo`,
    );
  }
  await stopHomeServer(home);
  for (const name of found) await rm(join(home, name), { recursive: true, force: true });
  const folder = join(home, MARK);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeHomeDefaults(home, { TRUEUP_TODAY: today });
  return folder;
}

/** Writes the files of the sample company, readable by their owner alone. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
}
