import { constants } from 'node:fs';
import { access, open, readdir, realpath, type FileHandle } from 'node:fs/promises';
import { posix, resolve, sep } from 'node:path';
import { messageOf, RemoteRejected, RemoteUnavailable } from './kernel.ts';

/** Larger files belong in a database. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

const MAX_LINE_BYTES = 1024 * 1024;

/** An open file below a connection's directory. Whoever opened it closes it. */
export interface LocalFile {
  /** The name below the directory, for messages. */
  readonly name: string;
  readonly handle: FileHandle;
  /** Changes whenever the file is replaced or written to. */
  fingerprint(): Promise<string>;
}

/** Which file is meant: one of `names`, all of them below `directory`. */
export interface LocalFileChoice {
  /** An absolute path on the server. */
  readonly directory: string;
  readonly names: readonly string[];
  /** What the connection reads from it, for messages. */
  readonly stream: string;
  /** Bytes; the usual limit when absent. */
  readonly largest?: number;
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
async function insideRoot(root: string, name: string, orRoot = false): Promise<string | undefined> {
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
  if (path.startsWith(base) || (orRoot && path === root)) return path;
  throw new RemoteRejected(
    `${name} leads out of the connection’s directory. Put the file itself there, not a link.`,
  );
}

/**
 * The names below a connection's directory that a pattern matches, sorted: `*` stands for any characters of its last
 * part, `?` for one. None is no error. Each is still to be opened by `openLocalFile`, which keeps the fence.
 */
export async function matchingNames(
  directory: string,
  pattern: string,
): Promise<readonly string[]> {
  const { dir, base } = posix.parse(pattern);
  const root = await rootOf(directory);
  const path = await insideRoot(root, dir === '' ? '.' : dir, true);
  if (path === undefined) return [];
  const source = base
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const wanted = new RegExp(`^${source}$`, 's');
  const names = (await readdir(path)).filter((name) => wanted.test(name));
  return names.toSorted().map((name) => posix.join(dir, name));
}

async function locate(choice: LocalFileChoice): Promise<{ name: string; path: string }> {
  const { names, stream } = choice;
  const root = await rootOf(choice.directory);
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
    `There is no ${names.join(' or ')} in the connection’s directory. Put it there, or leave out the stream ${stream}.`,
  );
}

/**
 * Opens the one file of these names: inside the directory, a regular file, not larger than the limit.
 * Throws RemoteRejected or RemoteUnavailable with what to do.
 */
export async function openLocalFile(choice: LocalFileChoice): Promise<LocalFile> {
  const { name, path } = await locate(choice);
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
  const largest = choice.largest ?? MAX_FILE_BYTES;
  if (!stat.isFile() || stat.size > largest) {
    await handle.close();
    throw new RemoteRejected(
      stat.isFile()
        ? `${name} is larger than ${largest / 1024 / 1024} MiB. Split it over several connections.`
        : `${name} is not a regular file.`,
    );
  }
  return {
    name,
    handle,
    fingerprint: async () => {
      const { dev, ino, size, mtimeNs } = await handle.stat({ bigint: true });
      return [dev, ino, size, mtimeNs].join(':');
    },
  };
}

/** The bytes of an open file from its start, `upTo` at most; the handle stays open. */
export async function* bytesOf(
  file: LocalFile,
  upTo = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(64 * 1024);
  for (let at = 0; at < upTo;) {
    const length = Math.min(chunk.length, upTo - at);
    const { bytesRead } = await file.handle.read(chunk, 0, length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield Buffer.from(chunk.subarray(0, bytesRead));
  }
}

/** The text of an open file. Throws RemoteRejected when it is not UTF-8. */
export async function* textOf(file: LocalFile): AsyncGenerator<string> {
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

const LF = 0x0a;

/**
 * The finished lines among the first `upTo` bytes of a file that is still written to, without their line ends. A last
 * line without an end is still being written. Bytes that are not UTF-8 become the replacement character: a log holds
 * names of users as their machines spell them.
 */
export async function* finishedLines(file: LocalFile, upTo: number): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of bytesOf(file, upTo)) {
    rest = Buffer.concat([rest, bytes]);
    let start = 0;
    for (let end = rest.indexOf(LF); end !== -1; end = rest.indexOf(LF, start)) {
      yield rest.subarray(start, end).toString('utf8').replace(/\r$/, '');
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > MAX_LINE_BYTES)
      throw new RemoteRejected(`${file.name} has a line longer than 1 MiB. It is no text file.`);
  }
}
