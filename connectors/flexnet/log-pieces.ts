import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Conflict, RemoteRejected } from '../../src/sdk/kernel.ts';
import {
  bytesOf,
  finishedLines,
  MAX_FILE_BYTES,
  matchingNames,
  openLocalFile,
  type LocalFile,
} from '../../src/sdk/local-file.ts';
import type { FlexnetConfig } from './config.ts';
import { midnightOf } from './log-time.ts';
import { readLogLine } from './log-line.ts';

/** A log is read into memory; a longer one is to be rotated. */
export const MAX_LOG_BYTES = 64 * 1024 * 1024;
const MOST_FILES = 100;
/** Logs of different times differ in their first lines; a file keeps its own when it is renamed or copied. */
const START_BYTES = 4096;
const DATED_LINES = 20_000;

/** A file by what it begins with, and how far it is read: a log grows meanwhile, and what comes later is for the next read. */
export const Extent = z.strictObject({
  start: z.string(),
  bytes: z.int().nonnegative(),
});
export type Extent = z.infer<typeof Extent>;

/** One file of a log that was cut into several. */
export interface LogPiece extends Extent {
  readonly name: string;
  readonly file: LocalFile;
}

async function hashOf(file: LocalFile, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytesOf(file, bytes)) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * How many NUL bytes a file begins with: a log that was emptied while its server held it open, not to append, goes on
 * where it was, behind a hole. The hole is alike in all of them, so a log is known by what comes after it.
 */
async function holeOf(file: LocalFile, size: number): Promise<number> {
  let hole = 0;
  for await (const chunk of bytesOf(file, size)) {
    const text = chunk.findIndex((byte) => byte !== 0);
    if (text !== -1) return hole + text;
    hole += chunk.length;
  }
  return hole;
}

async function startAt(file: LocalFile, hole: number, bytes: number): Promise<string> {
  const start = Buffer.alloc(bytes);
  const { bytesRead } = await file.handle.read(start, 0, bytes, hole);
  const hash = createHash('sha256').update(start.subarray(0, bytesRead)).digest('hex').slice(0, 32);
  return `${bytes}${hole === 0 ? '' : `@${hole}`}:${hash}`;
}

/** True if the file is the one that was read so far once, whatever its name is now. */
async function isSame(piece: LogPiece, { start, bytes }: Extent): Promise<boolean> {
  const [, length = '0', hole = '0'] = /^(\d{1,4})(?:@(\d{1,15}))?:/.exec(start) ?? [];
  return (
    piece.bytes >= bytes && (await startAt(piece.file, Number(hole), Number(length))) === start
  );
}

function refuseCompressed(name: string, isPacked: boolean): void {
  if (!isPacked && !/\.(gz|bz2|xz|zst|zip|Z)$/.test(name)) return;
  throw new RemoteRejected(
    `${name} is compressed, and a compressed log is not read. Unpack it, or let "rotatedLogs" name unpacked files only.`,
  );
}

async function openPiece(config: FlexnetConfig, name: string, stream: string): Promise<LogPiece> {
  const place = { directory: config.directory, names: [name], stream, largest: MAX_LOG_BYTES };
  const file = await openLocalFile(place);
  try {
    const { size } = await file.handle.stat();
    const head = Buffer.alloc(2);
    await file.handle.read(head, 0, 2, 0);
    refuseCompressed(name, head.equals(Buffer.from([0x1f, 0x8b])));
    const hole = await holeOf(file, size);
    const start = await startAt(file, hole, Math.min(size - hole, START_BYTES));
    return { name, file, bytes: hole === size ? 0 : size, start };
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

/**
 * True if the one holds the other, as a copy of a log that is then emptied (`copytruncate`) or a file of two names does.
 * Throws RemoteRejected where both begin alike and then differ.
 */
async function holds(longer: LogPiece, shorter: LogPiece): Promise<boolean> {
  if (!(await isSame(longer, { start: shorter.start, bytes: shorter.bytes }))) return false;
  const [all, part] = [longer.file, shorter.file];
  if ((await hashOf(all, shorter.bytes)) === (await hashOf(part, shorter.bytes))) return true;
  throw new RemoteRejected(
    `${longer.name} and ${shorter.name} begin alike and then differ, so one is a damaged copy. Take it away, or out of "rotatedLogs".`,
  );
}

/** Each log once: of two files where one holds the other, the longer; of two alike, the one that is still written to. */
async function withoutCopies(pieces: readonly LogPiece[]): Promise<readonly LogPiece[]> {
  const kept: LogPiece[] = [];
  for (const piece of pieces.toSorted((left, right) => right.bytes - left.bytes)) {
    let isCopy = piece.bytes === 0;
    for (const longer of kept) isCopy ||= await holds(longer, piece);
    if (!isCopy) kept.push(piece);
  }
  return pieces.filter((piece) => kept.includes(piece));
}

/** The first moment that the log itself dates, on its own wall clock; null where none of its first lines says the day. */
async function firstMoment({ file, bytes }: LogPiece): Promise<number | null> {
  let lines = 0;
  for await (const text of finishedLines(file, bytes)) {
    const said = readLogLine(text);
    const midnight = said.kind === 'date' || said.kind === 'restart' ? midnightOf(said.text) : null;
    if (midnight !== null) return midnight + (said.seconds ?? 0) * 1000;
    lines += 1;
    if (lines === DATED_LINES) break;
  }
  return null;
}

/** Oldest first: by what they say themselves, or, where one of them says no day, by when they were written last. */
async function inOrder(pieces: readonly LogPiece[]): Promise<readonly LogPiece[]> {
  const moments = await Promise.all(pieces.map(firstMoment));
  const written = await Promise.all(pieces.map(async ({ file }) => (await file.handle.stat()).mtimeMs)); // prettier-ignore
  const by = moments.includes(null) ? written : moments;
  const places = pieces.map((piece, at) => ({ piece, at: by[at] ?? 0 }));
  return places.toSorted((left, right) => left.at - right.at).map(({ piece }) => piece);
}

async function namesOf({
  directory,
  rotatedLogs,
  debugLog,
}: FlexnetConfig): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const pattern of rotatedLogs)
    for (const name of await matchingNames(directory, pattern)) names.add(name);
  names.delete(debugLog);
  if (names.size < MOST_FILES) return [...names];
  throw new RemoteRejected(`"rotatedLogs" names more than ${MOST_FILES} files. Move the old ones away.`); // prettier-ignore
}

async function openAll(config: FlexnetConfig, stream: string, opened: LogPiece[]) {
  const current = stream === 'features' ? config.lmstat : config.debugLog;
  const older = stream === 'features' ? [] : await namesOf(config);
  for (const name of [...older, current]) opened.push(await openPiece(config, name, stream));
  const size = opened.reduce((sum, { bytes }) => sum + bytes, 0);
  if (size > MAX_FILE_BYTES)
    throw new RemoteRejected(`The logs together are larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB. Let "rotatedLogs" name fewer.`); // prettier-ignore
  // What is written to now comes last. A copy of it under an older name, made to empty it next, says nothing more.
  const all = await withoutCopies(opened.toReversed());
  const last = all.find(({ name }) => name === current);
  const before = await inOrder(all.filter((piece) => piece !== last));
  return last === undefined ? before : [...before, last];
}

/**
 * Opens the files of a stream for as long as `use` takes: of a log its older pieces first, each once. `known` limits the
 * read to what was there before. Throws a Conflict when that is not there any more, and RemoteRejected or
 * RemoteUnavailable with what to do.
 */
export async function withPieces<T>(
  config: FlexnetConfig,
  stream: string,
  known: readonly Extent[] | null,
  use: (pieces: readonly LogPiece[]) => Promise<T>,
): Promise<T> {
  const opened: LogPiece[] = [];
  try {
    const pieces = await openAll(config, stream, opened);
    return await use(known === null ? pieces : await asKnown(pieces, known));
  } finally {
    for (const { file } of opened) await file.handle.close();
  }
}

async function asKnown(
  pieces: readonly LogPiece[],
  known: readonly Extent[],
): Promise<readonly LogPiece[]> {
  const found: LogPiece[] = [];
  for (const extent of known) {
    const piece = await pieceOf(pieces, extent);
    if (piece === null) throw new Conflict('A log was replaced while it was read. Pull again.');
    found.push({ ...piece, ...extent });
  }
  return found;
}

/** The piece that was read so far once; null when none of these is it. */
export async function pieceOf(
  pieces: readonly LogPiece[],
  extent: Extent,
): Promise<LogPiece | null> {
  for (const piece of pieces) if (await isSame(piece, extent)) return piece;
  return null;
}

/** The finished lines of all pieces, and where the one that was given last stands. */
export function linesOf(pieces: readonly LogPiece[]): {
  readonly lines: AsyncGenerator<string>;
  readonly place: () => string;
} {
  let [name, line] = ['', 0];
  const read = async function* (): AsyncGenerator<string> {
    for (const piece of pieces) {
      [name, line] = [piece.name, 0];
      for await (const text of finishedLines(piece.file, piece.bytes)) {
        line += 1;
        // A log that was emptied while it was open begins with the hole where its lines were.
        yield text.replace(/^\0+/, '');
      }
    }
  };
  return { lines: read(), place: () => `${name}, line ${line}` };
}
