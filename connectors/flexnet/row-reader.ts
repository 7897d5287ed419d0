import * as z from 'zod';
import { Conflict } from '../../src/sdk/kernel.ts';
import { finishedLines, openLocalFile, type LocalFile } from '../../src/sdk/local-file.ts';
import { streamNamed } from '../../src/sdk/read-only.ts';
import type { Page, PageToken, RecordKey, SourceRecord } from '../../src/sdk/record.ts';
import type { FlexnetConfig } from './config.ts';
import { countLines } from './count-lines.ts';
import { readLmstat } from './read-lmstat.ts';
import { readLog } from './read-log.ts';
import { checkoutRows, denialRows, featureRows, type Rows } from './rows.ts';
import { STREAMS } from './streams.ts';

/** A log is read into memory; a longer one is to be rotated (`lmreread` and `lmnewlog`). */
export const MAX_LOG_BYTES = 64 * 1024 * 1024;

/** How far a read goes: a log grows while it is read, and what comes later belongs to the next read. */
const Extent = z.strictObject({ file: z.string(), bytes: z.int().nonnegative() });
type Extent = z.infer<typeof Extent>;
const LogToken = z.strictObject({ row: z.int().positive(), extent: Extent });

interface Held extends Rows {
  readonly extent: Extent;
}

async function withFile<T>(
  config: FlexnetConfig,
  stream: string,
  use: (file: LocalFile) => Promise<T>,
): Promise<T> {
  streamNamed(STREAMS, stream, 'A licence server');
  const name = stream === 'features' ? config.lmstat : config.debugLog;
  const place = { directory: config.directory, names: [name], stream, largest: MAX_LOG_BYTES };
  const file = await openLocalFile(place);
  try {
    return await use(file);
  } finally {
    await file.handle.close();
  }
}

/** The file as it is now, or as far as it was read before. Throws a Conflict when that part is no longer there. */
async function extentOf(file: LocalFile, known: Extent | null): Promise<Extent> {
  const { dev, ino, size } = await file.handle.stat();
  const name = `${dev}:${ino}`;
  if (known === null) return { file: name, bytes: size };
  if (known.file === name && size >= known.bytes) return known;
  throw new Conflict(`${file.name} was replaced while it was read. Pull again.`);
}

/** All rows of a stream. */
export function readRows(
  config: FlexnetConfig,
  stream: string,
  known: Extent | null,
): Promise<Held> {
  return withFile(config, stream, async (file) => {
    const extent = await extentOf(file, known);
    const lines = finishedLines(file, extent.bytes);
    const { server, timeZone } = config;
    if (stream === 'features')
      return { ...featureRows(server, await readLmstat(lines, timeZone)), extent };
    const log = await readLog(lines, timeZone);
    const rows = stream === 'checkouts' ? checkoutRows(server, log) : denialRows(server, log);
    return { ...rows, extent };
  });
}

function isSame(left: Extent, right: Extent): boolean {
  return left.file === right.file && left.bytes === right.bytes;
}

/** Reads the files of one session page by page; a log that grows meanwhile is read as far as it was at the start. */
export interface RowReader {
  page(stream: string, after: PageToken | null, limit?: number): Promise<Page>;
  count(stream: string): Promise<number>;
  keys(stream: string): Promise<readonly RecordKey[]>;
  byIds(stream: string, ids: readonly string[]): Promise<readonly SourceRecord[]>;
  close(): void;
}

/** Creates the reader of one session. Every method throws RemoteRejected, RemoteUnavailable or Conflict. */
export function createRowReader(config: FlexnetConfig): RowReader {
  let held: { readonly stream: string; readonly rows: Held } | null = null;
  /** How far each stream was read last: its count speaks of the same lines. */
  const lastRead = new Map<string, Extent>();

  const rowsFor = async (stream: string, extent: Extent | null): Promise<Held> => {
    if (extent !== null && held?.stream === stream && isSame(held.rows.extent, extent))
      return held.rows;
    const rows = await readRows(config, stream, extent);
    held = { stream, rows };
    lastRead.set(stream, rows.extent);
    return rows;
  };

  const page = async (stream: string, after: PageToken | null, limit?: number): Promise<Page> => {
    const token = after === null ? null : LogToken.parse(after);
    const rows = await rowsFor(stream, token?.extent ?? null);
    const start = token?.row ?? 0;
    const { pageSize } = streamNamed(STREAMS, stream, 'A licence server');
    const size = Math.min(limit ?? pageSize, pageSize);
    const isLast = start + size >= rows.records.length;
    if (isLast) held = null;
    return {
      records: rows.records.slice(start, start + size),
      unreadable: start === 0 ? rows.unreadable : [],
      next: isLast ? null : { row: start + size, extent: rows.extent },
    };
  };

  return {
    page,
    count: (stream) =>
      withFile(config, stream, async (file) => {
        const { bytes } = await extentOf(file, lastRead.get(stream) ?? null);
        return countLines(finishedLines(file, bytes), stream);
      }),
    keys: async (stream) => {
      const extent = lastRead.get(stream) ?? null;
      const { records, unreadable } = await readRows(config, stream, extent);
      return [...records, ...unreadable].flatMap(({ id }) =>
        id === null ? [] : [{ id, stamp: null }],
      );
    },
    byIds: async (stream, ids) => {
      const wanted = new Set(ids);
      return (await readRows(config, stream, null)).records.filter(({ id }) => wanted.has(id));
    },
    close: () => {
      held = null;
    },
  };
}
