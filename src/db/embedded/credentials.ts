import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../kernel/errors.ts';

/** The passwords of the two login roles of an embedded store. */
export const Credentials = z.strictObject({
  /** Of `postgres`, the superuser, which only sets up the store. */
  superuser: z.string().min(32),
  /** Of `trueup`, which owns the database and is no superuser. */
  owner: z.string().min(32),
});
export type Credentials = Readonly<z.infer<typeof Credentials>>;

/** Reads the store's passwords, or makes them: 192 random bits each, in a file that only its owner can read. */
export async function readCredentials(folder: string): Promise<Credentials> {
  const path = join(folder, 'credentials.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return await makeCredentials(path);
  try {
    return Credentials.parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigError(
      `${path} is damaged, and with it the passwords of the store. Restore it from a backup.`,
      {
        cause: error,
      },
    );
  }
}

async function makeCredentials(path: string): Promise<Credentials> {
  const made: Credentials = {
    superuser: randomBytes(24).toString('hex'),
    owner: randomBytes(24).toString('hex'),
  };
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(made)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, path);
  return made;
}

/** The URL of a role on the local server. */
export function localUrl(
  user: 'postgres' | 'trueup',
  password: string,
  port: number,
  database: string,
): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}
