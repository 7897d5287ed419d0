import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../kernel/errors.ts';

/** One numbered step of the schema. */
export interface MigrationFile {
  readonly number: number;
  /** The file's name, `NNNN-<room>[-<what>].sql`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with unix line ends, in hex. */
  readonly checksum: string;
  /** True if a process of the previous version cannot work on the migrated store. */
  readonly breaking: boolean;
}

/** The folder that holds the migrations of this version. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));

const NAME = /^(\d{4})-[a-z]+(?:-[a-z0-9]+)*\.sql$/;
const HEADER = /^-- breaking: (?:(no)|yes\n-- reason: \S.*)\n/;

async function readMigration(folder: string, name: string): Promise<MigrationFile> {
  const digits = NAME.exec(name)?.[1];
  if (digits === undefined) {
    throw new ConfigError(`The migration ${name} must be named NNNN-<room>[-<what>].sql.`);
  }
  const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
  const header = HEADER.exec(sql);
  if (header === null) {
    throw new ConfigError(
      `The migration ${name} must begin with "-- breaking: no", or "-- breaking: yes" and a line "-- reason: …".`,
    );
  }
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { number: Number(digits), name, sql, checksum, breaking: header[1] === undefined };
}

/** All migrations of a folder in their order. ConfigError for a wrong name or header, or a number used twice. */
export async function readMigrations(
  folder: string = MIGRATIONS_FOLDER,
): Promise<readonly MigrationFile[]> {
  const names = (await readdir(folder)).filter(
    (name) => !name.startsWith('.') && !name.endsWith('.md'),
  );
  const files = await Promise.all(names.toSorted().map((name) => readMigration(folder, name)));
  for (const [at, file] of files.entries()) {
    const before = files[at - 1];
    if (before?.number !== file.number) continue;
    throw new ConfigError(
      `The migrations ${before.name} and ${file.name} share a number. Renumber one.`,
    );
  }
  return files;
}
