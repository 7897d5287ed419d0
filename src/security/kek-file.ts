import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, realpath, unlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { codeOf } from '../db/code-of.ts';
import { ConfigError, messageOf } from '../kernel/errors.ts';
import { KEY_BYTES } from './sealing.ts';

export interface KekPlace {
  /** `TRUEUP_KEK_FILE`. Without it, the user's own file is used, and made on the first start. */
  readonly file?: string | undefined;
  /** The user's config folder (`XDG_CONFIG_HOME`, else `~/.config`). */
  readonly configFolder?: string | undefined;
  /** `TRUEUP_HOME`. Data and the key to it never lie in one folder: who copies one has not the other. */
  readonly home: string;
}

/** Where the key-encryption key lies. Throws a ConfigError if that is inside the home, by whatever link. */
export async function kekPath(place: KekPlace): Promise<string> {
  const folder = place.configFolder ?? join(homedir(), '.config');
  const path = resolve(place.file ?? join(folder, 'trueup', 'kek'));
  const [real, home] = await Promise.all([resolved(path), resolved(place.home)]);
  const steps = relative(home, real);
  const isOutside = steps === '..' || steps.startsWith(`..${sep}`) || isAbsolute(steps);
  if (!isOutside) {
    throw new ConfigError(
      `The key-encryption key ${path} lies inside TRUEUP_HOME. Keep it apart from the data that it protects.`,
    );
  }
  return path;
}

/** The real path of something that need not exist yet: links are followed as far as there are folders. */
async function resolved(path: string): Promise<string> {
  const full = resolve(path);
  try {
    return await realpath(full);
  } catch {
    const parent = dirname(full);
    return parent === full ? full : join(await resolved(parent), basename(full));
  }
}

/** The text of the key file; null if there is none. Throws a ConfigError if it cannot be read. */
export async function readKekFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new ConfigError(`The key-encryption key ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Makes a key that only its owner may read, and returns its text. Two processes that start at once end with one
 * key: the file appears under its name complete or not at all, and never replaces another. Throws a ConfigError where
 * it cannot be written.
 */
export async function makeKekFile(path: string): Promise<string> {
  try {
    return await make(path);
  } catch (error) {
    throw new ConfigError(
      `The key-encryption key ${path} cannot be made: ${messageOf(error)}. Name a file of your own with TRUEUP_KEK_FILE.`,
      { cause: error },
    );
  }
}

async function make(path: string): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  try {
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return await readFile(path, 'utf8');
}
