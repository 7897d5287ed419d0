import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** What runs for a home: the API's address and the processes. */
const ServerFile = z.strictObject({
  url: z.string(),
  apiPid: z.number().int(),
  workerPid: z.number().int(),
});
export type ServerFile = z.infer<typeof ServerFile>;

const path = (home: string): string => join(home, 'run', 'server.json');

/** What the home says of its server; null when it says nothing that can be read. */
export async function readServerFile(home: string): Promise<ServerFile | null> {
  try {
    const parsed = ServerFile.safeParse(JSON.parse(await readFile(path(home), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Written whole or not at all. */
export async function writeServerFile(home: string, content: ServerFile): Promise<void> {
  await mkdir(join(home, 'run'), { recursive: true, mode: 0o700 });
  const draft = `${path(home)}.${process.pid}`;
  await writeFile(draft, JSON.stringify(content), { mode: 0o600 });
  await rename(draft, path(home));
}

export async function removeServerFile(home: string): Promise<void> {
  await rm(path(home), { force: true });
}

/** True if a process of that id lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { readonly code?: string }).code === 'EPERM';
  }
}
