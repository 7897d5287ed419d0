import * as z from 'zod';
import type { JsonObject } from '../../src/sdk/kernel.ts';
import { streamNamed, tombstone } from '../../src/sdk/read-only.ts';
import type { Page, PageToken, ReadWindow, RecordKey, RecordsById } from '../../src/sdk/record.ts';
import type { FlexnetConfig } from './config.ts';
import { countLines } from './count-lines.ts';
import { Extent, linesOf, pieceOf, withPieces, type LogPiece } from './log-pieces.ts';
import { readLmstat } from './read-lmstat.ts';
import { readLog, type ReadLog } from './read-log.ts';
import { checkoutRows, denialRows, featureRows, lineOf, type Rows } from './rows.ts';
import { STREAMS } from './streams.ts';

const LogToken = z.strictObject({ row: z.int().positive(), extents: z.array(Extent) });
/** Where a read ended: in which file, and how far in it. */
const Tail = z.object({ tail: Extent });

type Extents = readonly Extent[];

interface Held extends Rows {
  readonly extents: Extents;
  /** What the log tells of, in epoch milliseconds: half-open, to the second. */
  readonly span: { readonly from: number; readonly to: number } | null;
  /** True unless a log that was read before is not among the files any more. */
  readonly goesOn: boolean;
  /** Of the lines that were asked for, the keys of those that can be read by now. */
  readonly readable: ReadonlySet<string>;
}

const GAP =
  'The log that the last read ended in is not there any more, so lines written after that read may be lost. Name it in ' +
  '"rotatedLogs", also as it is called once it is rotated, and pull again. If it is gone for good, go on from here: ' +
  '`trueup pull --full`.';

const extentsOf = (pieces: readonly LogPiece[]): Extents =>
  pieces.map(({ start, bytes }) => ({ start, bytes }));

async function isContinued(
  pieces: readonly LogPiece[],
  carried: JsonObject | null,
): Promise<boolean> {
  const before = Tail.safeParse(carried);
  return !before.success || (await pieceOf(pieces, before.data.tail)) !== null;
}

function spanOf({ first, last }: ReadLog): Held['span'] {
  return first === null || last === null ? null : { from: first, to: last + 1000 };
}

/** All rows of a stream, as far as they were there before where that is `known`. `asked`: keys of lines that waited. */
export function readRows(
  config: FlexnetConfig,
  stream: string,
  known: Extents | null,
  {
    carried = null,
    asked = new Set(),
  }: { readonly carried?: JsonObject | null; readonly asked?: ReadonlySet<string> } = {},
): Promise<Held> {
  streamNamed(STREAMS, stream, 'A licence server');
  return withPieces(config, stream, known, async (pieces) => {
    const { lines, place } = linesOf(pieces);
    const { server, timeZone } = config;
    const extents = extentsOf(pieces);
    const goesOn = await isContinued(pieces, carried);
    if (stream === 'features') {
      const rows = featureRows(server, await readLmstat(lines, timeZone));
      return { ...rows, extents, span: null, goesOn: true, readable: new Set() };
    }
    const log = await readLog(lines, timeZone, { place, asked });
    const rows = stream === 'checkouts' ? checkoutRows(server, log) : denialRows(server, log);
    return { ...rows, extents, span: spanOf(log), goesOn, readable: log.readable };
  });
}

function isSame(left: Extents, right: Extents): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Reads the files of one session page by page; a log that grows meanwhile is read as far as it was at the start. */
export interface RowReader {
  window(stream: string, carried: JsonObject | null): Promise<ReadWindow>;
  page(stream: string, after: PageToken | null, limit?: number): Promise<Page>;
  count(stream: string): Promise<number>;
  keys(stream: string): Promise<readonly RecordKey[]>;
  /** A line that waited and can be used by now is gone as what waited: its use is a record of its own. */
  byIds(stream: string, ids: readonly string[]): Promise<RecordsById>;
  close(): void;
}

/** What the files hold of a stream, and whether it goes on from where the window before ended. */
function windowOf({ span, goesOn, extents }: Held): ReadWindow {
  const tail = extents.at(-1);
  return {
    mode: 'incremental',
    from: span === null ? null : new Date(span.from).toISOString(),
    to: span === null ? null : new Date(span.to).toISOString(),
    isLog: true,
    ...(span === null || tail === undefined ? {} : { carry: { tail: { ...tail } } }),
    ...(goesOn ? {} : { unprovable: GAP }),
  };
}

/** Creates the reader of one session. Every method throws RemoteRejected, RemoteUnavailable or Conflict. */
export function createRowReader(config: FlexnetConfig): RowReader {
  let held: { readonly stream: string; readonly rows: Held } | null = null;
  /** How far each stream was read last: its count speaks of the same lines. */
  const lastRead = new Map<string, Extents>();

  const hold = (stream: string, rows: Held): Held => {
    held = { stream, rows };
    lastRead.set(stream, rows.extents);
    return rows;
  };
  const rowsFor = async (stream: string, extents: Extents | null): Promise<Held> => {
    if (extents !== null && held?.stream === stream && isSame(held.rows.extents, extents))
      return held.rows;
    return hold(stream, await readRows(config, stream, extents));
  };

  const page = async (stream: string, after: PageToken | null, limit?: number): Promise<Page> => {
    const token = after === null ? null : LogToken.parse(after);
    const rows = await rowsFor(stream, token?.extents ?? lastRead.get(stream) ?? null);
    const start = token?.row ?? 0;
    const { pageSize } = streamNamed(STREAMS, stream, 'A licence server');
    const size = Math.min(limit ?? pageSize, pageSize);
    const isLast = start + size >= rows.records.length;
    if (isLast) held = null;
    const extents = rows.extents.map((each) => ({ ...each }));
    return {
      records: rows.records.slice(start, start + size),
      unreadable: start === 0 ? rows.unreadable : [],
      next: isLast ? null : { row: start + size, extents },
    };
  };

  return {
    window: async (stream, carried) =>
      windowOf(hold(stream, await readRows(config, stream, null, { carried }))),
    page,
    count: (stream) =>
      withPieces(config, stream, lastRead.get(stream) ?? null, (pieces) =>
        countLines(linesOf(pieces).lines, stream),
      ),
    keys: async (stream) => {
      const known = lastRead.get(stream) ?? null;
      const { records, unreadable } = await readRows(config, stream, known);
      const waiting = unreadable.flatMap(({ id }) => (id === null ? [] : [{ id, stamp: null }]));
      return [...records.map(({ id, stamp }) => ({ id, stamp })), ...waiting];
    },
    byIds: async (stream, ids) => {
      const wanted = new Set(ids);
      const asked = new Set(ids.flatMap((id) => lineOf(id) ?? []));
      const { records, unreadable, readable } = await readRows(config, stream, null, { asked });
      const waiting = new Set(unreadable.map(({ id }) => id));
      const settled = ids.filter((id) => readable.has(lineOf(id) ?? '') && !waiting.has(id));
      return {
        records: [...records.filter(({ id }) => wanted.has(id)), ...settled.map(tombstone)],
        unreadable: unreadable.filter(({ id }) => id !== null && wanted.has(id)),
      };
    },
    close: () => {
      held = null;
    },
  };
}
