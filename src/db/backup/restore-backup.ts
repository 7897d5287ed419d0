import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../../kernel/errors.ts';
import { installedMajor } from '../embedded/installed-major.ts';
import { replaceData } from '../embedded/replace-data.ts';
import { copyFile } from './copy-file.ts';
import {
  DATA_FOLDER,
  readManifest,
  RESTORED_MARK,
  type BackedUpFile,
  type Manifest,
} from './manifest.ts';

/** What was put in place of what. */
export interface Restored {
  readonly manifest: Manifest;
  /** The files of the store before; null if there was none. */
  readonly before: string | null;
}

/**
 * Puts a backup in the place of a home's store, which must not run. Every byte is compared with the manifest on its way;
 * the store before is kept beside it. Throws ConfigError, and changes nothing, when the backup is damaged, of another
 * PostgreSQL, or when the store runs.
 */
export async function restoreBackup(options: {
  readonly home: string;
  readonly from: string;
}): Promise<Restored> {
  const from = resolve(options.from);
  const manifest = await readManifest(from);
  const installed = await installedMajor();
  if (manifest.postgres !== installed)
    throw new ConfigError(
      `${from} is of PostgreSQL ${manifest.postgres}, and ${installed} is installed. Restore it with the Trueup that took it (${manifest.version}).`,
    );
  const source = join(from, DATA_FOLDER);
  await refuseStrays(source, manifest);
  const before = await replaceData({ home: options.home }, async (folder) => {
    await copyAll(source, folder, manifest);
    await writeFile(join(folder, RESTORED_MARK), manifest.takenAt, { mode: 0o600, flush: true });
  });
  return { manifest, before };
}

/** A file that the manifest does not name came from somebody else. */
async function refuseStrays(source: string, { files }: Manifest): Promise<void> {
  const named = new Set(files.map(({ path }) => path));
  const entries = await readdir(source, { withFileTypes: true, recursive: true }).catch(() => []);
  for (const entry of entries) {
    const path = relative(source, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (!entry.isDirectory() && !named.has(path))
      throw new ConfigError(`The backup holds ${path}, which its manifest does not name.`);
  }
}

async function copyAll(source: string, target: string, manifest: Manifest): Promise<void> {
  for (const folder of manifest.folders) await makeFolder(target, folder);
  for (const file of manifest.files) {
    const at = file.path.lastIndexOf('/');
    if (at > 0) await makeFolder(target, file.path.slice(0, at));
    await copyChecked(source, target, file);
  }
}

const makeFolder = (target: string, path: string) =>
  mkdir(join(target, path), { recursive: true, mode: 0o700 });

async function copyChecked(source: string, target: string, file: BackedUpFile): Promise<void> {
  const copied = await copyFile(join(source, file.path), join(target, file.path)).catch(
    (error: unknown) => {
      throw new ConfigError(`The backup's ${file.path} cannot be read.`, { cause: error });
    },
  );
  if (copied.size === file.size && copied.sha256 === file.sha256) return;
  throw new ConfigError(
    `The backup's ${file.path} is not what was backed up: its bytes changed since. Nothing was restored.`,
  );
}
