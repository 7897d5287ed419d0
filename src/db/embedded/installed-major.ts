import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findBinaries } from './binaries.ts';

/** The major version of the PostgreSQL that came with the packages, such as `18`. */
export async function installedMajor(): Promise<string> {
  const { postgres } = await findBinaries();
  const { stdout } = await promisify(execFile)(postgres, ['--version'], { env: { LC_ALL: 'C' } });
  return /(\d+)/.exec(stdout)?.[1] ?? 'unknown';
}
