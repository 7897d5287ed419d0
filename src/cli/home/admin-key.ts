import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const path = (home: string, tenantId: string): string => join(home, `admin-${tenantId}.key`);

/** The key of the home's first administrator, which the command line uses; null when there is none. */
export async function readAdminKey(home: string, tenantId: string): Promise<string | null> {
  try {
    const text = (await readFile(path(home, tenantId), 'utf8')).trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}

/** Keeps the key where only its owner reads it. */
export async function writeAdminKey(home: string, tenantId: string, key: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(path(home, tenantId), `${key}\n`, { mode: 0o600 });
}
