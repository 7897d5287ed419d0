import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../kernel/errors.ts';

/** Its presence makes a folder a backup: it is written last. */
export const MANIFEST_FILE = 'trueup-backup.json';
/** The folder of a backup with the files of the cluster. */
export const DATA_FOLDER = 'data';

/** In the data folder of a restored store until what it says has been doubted; holds when the backup was taken. */
export const RESTORED_MARK = 'trueup_restored';

const Path = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && normalize(path) === path && !path.startsWith('..'), {
    error: 'leads out of the backup',
  });

const File = z.strictObject({
  /** Below the data folder, with `/`. */
  path: Path,
  size: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type BackedUpFile = Readonly<z.infer<typeof File>>;

/** What a backup holds, so that a missing or changed byte is seen before anything is put in its place. */
export const Manifest = z.strictObject({
  format: z.literal(1),
  /** When the copy was complete, by the database clock: what was committed before is in it. */
  takenAt: z.iso.datetime(),
  /** The program that took it. */
  version: z.string(),
  /** Major version of PostgreSQL. */
  postgres: z.string().regex(/^\d+$/),
  /** First and last place in the write-ahead log that are needed. */
  wal: z.strictObject({ from: z.string(), to: z.string() }),
  /** Folders that hold no file. */
  folders: z.array(Path),
  files: z.array(File).min(1),
});
export type Manifest = Readonly<z.infer<typeof Manifest>>;

/** Reads the manifest of a backup. Throws ConfigError where there is none or it does not fit. */
export async function readManifest(backup: string): Promise<Manifest> {
  const path = join(backup, MANIFEST_FILE);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new ConfigError(
      `${backup} is no complete backup: it has no ${MANIFEST_FILE}. Name a folder that \`trueup db backup\` made.`,
    );
  try {
    return Manifest.parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigError(`${path} is damaged. Take another backup.`, { cause: error });
  }
}
