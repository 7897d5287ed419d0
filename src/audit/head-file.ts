import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../db/code-of.ts';
import { ConfigError } from '../kernel/errors.ts';
import { AuditHead } from './head.ts';

/** More than the longest line: a tenant id has at most 63 characters. */
const LAST_BYTES = 4_096;

/** Where a tenant's heads are kept outside the database, one JSON line each, oldest first. */
export function headFile(home: string, tenant: string): string {
  return join(home, 'audit', `heads-${tenant}.ndjson`);
}

/** Every head of the file; none if there is no file. Throws a ConfigError at a line that is no head. */
export async function readHeads(path: string): Promise<readonly AuditHead[]> {
  const text = await reading(path, (file) => file.readFile('utf8'));
  return (text === null ? [] : wholeLines(text)).map((line, at) =>
    parseHead(line, `${path}, line ${at + 1}`),
  );
}

/** The newest head of the file without reading all of it; null if there is none. */
export async function readLastHead(path: string): Promise<AuditHead | null> {
  const text = await reading(path, async (file) => {
    const { size } = await file.stat();
    const from = Math.max(0, size - LAST_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    return buffer.toString('utf8', 0, bytesRead);
  });
  const last = text === null ? undefined : wholeLines(text).at(-1);
  return last === undefined ? null : parseHead(last, `${path}, last line`);
}

/**
 * Adds heads and returns once they are on the disk. Only the file's owner may read it. A line that a crash left
 * unfinished is dropped first; the head is still in the database and comes again.
 */
export async function appendHeads(path: string, heads: readonly AuditHead[]): Promise<void> {
  if (heads.length === 0) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a+', 0o600);
  try {
    await dropTornLine(file);
    await file.appendFile(heads.map((head) => `${JSON.stringify(head)}\n`).join(''));
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function dropTornLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const from = Math.max(0, size - LAST_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
  if (end < bytesRead) await file.truncate(from + end);
}

async function reading<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

function wholeLines(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}

function parseHead(line: string, place: string): AuditHead {
  try {
    return AuditHead.parse(JSON.parse(line));
  } catch (error) {
    throw new ConfigError(
      `${place}: this is no signed head of the audit. Bring the file back from its backup.`,
      { cause: error },
    );
  }
}
