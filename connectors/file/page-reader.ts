import * as z from 'zod';
import { Conflict, type JsonObject } from '../../src/sdk/kernel.ts';
import type { Page, PageOptions } from '../../src/sdk/record.ts';
import type { FileConfig } from './config.ts';
import { keyedRows, type KeyedRow } from './keyed-rows.ts';
import { openSourceFile, type SourceFile } from './source-file.ts';
import type { FileStream } from './file-stream.ts';

/** Where the next page starts, and in which state of the file. */
const FileToken = z.strictObject({ row: z.int().nonnegative(), fingerprint: z.string() });

interface Reading {
  readonly file: SourceFile;
  readonly fingerprint: string;
  readonly rows: AsyncGenerator<KeyedRow>;
  row: number;
}

/** Reads a file page by page. It keeps its place, so that a whole read parses the file once. */
export interface PageReader {
  next(stream: FileStream, after: JsonObject | null, options?: PageOptions): Promise<Page>;
  /** Throws a Conflict if this is not the state of the file that was read last. */
  checkUnchanged(stream: FileStream, file: SourceFile): Promise<void>;
  close(): Promise<void>;
}

/** The columns that identify a row of a stream in this connection. */
export function keyColumns(config: FileConfig, stream: FileStream): readonly string[] {
  return config.keys[stream.name as keyof FileConfig['keys']] ?? stream.key;
}

function changed(file: SourceFile): Conflict {
  return new Conflict(`${file.name} was changed while it was read. Pull again once it is written.`);
}

async function readPage(size: number, reading: Reading): Promise<Page> {
  const page: KeyedRow[] = [];
  let done = false;
  while (page.length < size && !done) {
    const next = await reading.rows.next();
    if (next.done === true) done = true;
    else page.push(next.value);
  }
  // The reading keeps its place for the next page of this session.
  Object.assign(reading, { row: reading.row + page.length });
  if ((await reading.file.fingerprint()) !== reading.fingerprint) throw changed(reading.file);
  return {
    records: page.flatMap((each) => (each.kind === 'record' ? [each.record] : [])),
    unreadable: page.flatMap((each) => (each.kind === 'unreadable' ? [each.unreadable] : [])),
    next: done ? null : { row: reading.row, fingerprint: reading.fingerprint },
  };
}

/** Creates the reader of one session. It holds an open file until its last page or until it is closed. */
export function createPageReader(config: FileConfig): PageReader {
  const open = new Map<string, Reading>();
  const lastRead = new Map<string, string>();

  const stop = async (stream: string): Promise<void> => {
    const reading = open.get(stream);
    open.delete(stream);
    if (reading === undefined) return;
    await reading.rows.return(undefined);
    await reading.file.handle.close();
  };

  const start = async (stream: FileStream): Promise<Reading> => {
    await stop(stream.name);
    const file = await openSourceFile(config, stream);
    const fingerprint = await file.fingerprint();
    const rows = keyedRows(file, keyColumns(config, stream));
    const reading: Reading = { file, fingerprint, rows, row: 0 };
    open.set(stream.name, reading);
    lastRead.set(stream.name, fingerprint);
    return reading;
  };

  /** The reading at the token's place: the open one, or a new one that passes over the rows before. */
  const at = async (stream: FileStream, after: JsonObject | null): Promise<Reading> => {
    if (after === null) return start(stream);
    const token = FileToken.parse(after);
    const held = open.get(stream.name);
    if (held?.row === token.row && held.fingerprint === token.fingerprint) return held;
    const reading = await start(stream);
    if (reading.fingerprint !== token.fingerprint) throw changed(reading.file);
    while (reading.row < token.row && (await reading.rows.next()).done !== true) reading.row += 1;
    return reading;
  };

  return {
    next: async (stream, after, options) => {
      try {
        const page = await readPage(options?.limit ?? stream.pageSize, await at(stream, after));
        if (page.next === null) await stop(stream.name);
        return page;
      } catch (error) {
        await stop(stream.name);
        throw error;
      }
    },
    checkUnchanged: async (stream, file) => {
      const expected = lastRead.get(stream.name);
      if (expected !== undefined && expected !== (await file.fingerprint())) throw changed(file);
    },
    close: async () => {
      for (const stream of open.keys()) await stop(stream);
    },
  };
}
