import { constants } from 'node:fs';
import { access, open, realpath, type FileHandle } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { messageOf, RemoteRejected, RemoteUnavailable } from '../../src/sdk/kernel.ts';
import type { FileConfig } from './config.ts';
import type { FileStream } from './streams.ts';

/** Larger files belong in a database; the reader itself needs memory only for the keys of the rows. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

export type FileFormat = 'csv' | 'ndjson';

/** An open file of a connection. Whoever opened it closes it. */
export interface SourceFile {
  /** The name below the connection's directory, for messages. */
  readonly name: string;
  readonly format: FileFormat;
  readonly handle: FileHandle;
  /** Changes whenever the file is replaced or written to. */
  fingerprint(): Promise<string>;
}

async function rootOf(directory: string): Promise<string> {
  try {
    const root = await realpath(directory);
    await access(root, constants.R_OK | constants.X_OK);
    return root;
  } catch (error) {
    throw new RemoteUnavailable(
      `The directory of this connection cannot be read (${codeOf(error)}). Check that it exists and that the server may read it.`,
    );
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return messageOf(error);
  return String(error.code);
}

/** The real path of a file inside the root, or undefined if there is none. A way out is refused. */
async function insideRoot(root: string, name: string): Promise<string | undefined> {
  let path: string;
  try {
    path = await realpath(resolve(root, name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new RemoteUnavailable(
      `${name} cannot be read (${codeOf(error)}). Check its permissions.`,
    );
  }
  const base = root.endsWith(sep) ? root : `${root}${sep}`;
  if (path.startsWith(base)) return path;
  throw new RemoteRejected(
    `${name} leads out of the connection’s directory. Put the file itself there, not a link.`,
  );
}

async function locate(
  config: FileConfig,
  stream: FileStream,
): Promise<{ name: string; path: string }> {
  const root = await rootOf(config.directory);
  const configured = config.files[stream.name as keyof FileConfig['files']];
  const names =
    configured === undefined ? [`${stream.name}.csv`, `${stream.name}.ndjson`] : [configured];
  const found: { name: string; path: string }[] = [];
  for (const name of names) {
    const path = await insideRoot(root, name);
    if (path !== undefined) found.push({ name, path });
  }
  const [first, second] = found;
  if (second !== undefined) {
    throw new RemoteRejected(
      `Both ${names.join(' and ')} exist. Remove one, or name the right one in "files".`,
    );
  }
  if (first !== undefined) return first;
  // An absent file is never an empty one: an empty read would take away all that the last one brought.
  throw new RemoteRejected(
    `There is no ${names.join(' or ')} in the connection’s directory. Put it there, or leave out the stream ${stream.name}.`,
  );
}

/**
 * Opens the file of a stream: inside the directory, a regular file, not larger than the limit.
 * Throws RemoteRejected or RemoteUnavailable with what to do.
 */
export async function openSourceFile(config: FileConfig, stream: FileStream): Promise<SourceFile> {
  const { name, path } = await locate(config, stream);
  let handle: FileHandle;
  try {
    // Not through a link that appears after the check, and not blocking on a pipe.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw new RemoteUnavailable(
      `${name} cannot be opened (${codeOf(error)}). Check its permissions.`,
    );
  }
  const stat = await handle.stat();
  if (!stat.isFile() || stat.size > MAX_FILE_BYTES) {
    await handle.close();
    throw new RemoteRejected(
      stat.isFile()
        ? `${name} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB. Split it over several connections.`
        : `${name} is not a regular file.`,
    );
  }
  return {
    name,
    format: name.endsWith('.ndjson') ? 'ndjson' : 'csv',
    handle,
    fingerprint: async () => {
      const { dev, ino, size, mtimeNs } = await handle.stat({ bigint: true });
      return [dev, ino, size, mtimeNs].join(':');
    },
  };
}

/** The bytes of an open file from its start; the handle stays open. */
export async function* bytesOf(file: SourceFile): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(64 * 1024);
  for (let at = 0; ;) {
    const { bytesRead } = await file.handle.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield Buffer.from(chunk.subarray(0, bytesRead));
  }
}

/** The text of an open file. Throws RemoteRejected when it is not UTF-8. */
export async function* textOf(file: SourceFile): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Buffer): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new RemoteRejected(`${file.name} is not UTF-8 text. Save it as UTF-8 and pull again.`);
    }
  };
  for await (const bytes of bytesOf(file)) yield decode(bytes);
  yield decode();
}
