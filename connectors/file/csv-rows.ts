import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import * as z from 'zod';
import { HubError, messageOf, RemoteRejected } from '../../src/sdk/kernel.ts';
import { MAX_ROW_BYTES, type FileRow } from './file-row.ts';
import { textOf } from '../../src/sdk/local-file.ts';
import type { SourceFile } from './source-file.ts';

const ParsedRow = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.number(), empty_lines: z.number() }),
});
const BLANK = /^[ \t\r\n]*$/;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

interface Cells {
  readonly line: number;
  readonly cells: readonly string[];
}

/** After these the parser cannot know where the next row starts, so nothing after them may be believed. */
const FATAL: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote',
  CSV_QUOTE_NOT_CLOSED: 'a quote is never closed',
  CSV_MAX_RECORD_SIZE: 'the row is longer than 1 MiB',
};

function fatal(file: SourceFile, line: number, what: string): RemoteRejected {
  return new RemoteRejected(
    `${file.name}, line ${line}: ${what}, so the rows after it cannot be told apart. Mend the line and pull again.`,
    { details: { file: file.name, line } },
  );
}

interface Skip {
  readonly line: number;
  readonly code: string;
}

function skipped(file: SourceFile, { line, code }: Skip): FileRow {
  const what = FATAL[code];
  if (what !== undefined) throw fatal(file, line, what);
  return {
    kind: 'bad',
    line,
    code: 'bad_quotes',
    reason: `${file.name}, line ${line}: a quote stands inside a cell that is not quoted. Quote the whole cell and double the quote.`,
  };
}

/** Takes the skips before a line out of the list. */
function before(waiting: Skip[], line: number): readonly Skip[] {
  const first = waiting.findIndex((skip) => skip.line >= line);
  return waiting.splice(0, first === -1 ? waiting.length : first);
}

/** Cells as text: a formula is never evaluated, and no cell is turned into a number or date. */
async function* cellsOf(file: SourceFile): AsyncGenerator<Cells | FileRow> {
  const waiting: Skip[] = [];
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_ROW_BYTES,
    on_skip: (error) => {
      const skip = { line: Number(error?.['lines'] ?? 0), code: error?.code ?? '' };
      // Each stray quote of a row is reported, but it is one row.
      if (skip.line !== waiting.at(-1)?.line || skip.code in FATAL) waiting.push(skip);
      return undefined;
    },
  });
  pipeline(Readable.from(textOf(file)), parser, () => undefined);
  let [lines, empty] = [0, 0];
  try {
    for await (const parsed of parser) {
      const { record: cells, info } = ParsedRow.parse(parsed);
      for (const skip of before(waiting, info.lines)) {
        yield skipped(file, skip);
        lines = skip.line;
      }
      const line = Math.min(info.lines, lines + (info.empty_lines - empty) + 1);
      [lines, empty] = [info.lines, info.empty_lines];
      // A row of nothing but commas, as spreadsheets leave at the end, holds no data.
      if (cells.some((cell) => !BLANK.test(cell))) yield { line, cells };
    }
    for (const skip of waiting) yield skipped(file, skip);
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new RemoteRejected(
      `${file.name} is not a CSV file that can be read: ${messageOf(error)}`,
    );
  } finally {
    parser.destroy();
  }
}

function readHeader(
  file: SourceFile,
  cells: readonly string[],
  key: readonly string[],
): readonly string[] {
  const columns = cells.map((cell) => cell.trim());
  const refuse = (what: string): RemoteRejected =>
    new RemoteRejected(`The first row of ${file.name} ${what}.`, { details: { file: file.name } });
  if (columns.includes('')) throw refuse('has a column without a name');
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw refuse(`names the column "${twice}" twice`);
  const forbidden = columns.find((name) => FORBIDDEN.has(name));
  if (forbidden !== undefined) throw refuse(`names a column "${forbidden}", which is never data`);
  const missing = key.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw refuse(
      `lacks the key column ${missing.join(', ')}: it must name the columns, separated by commas`,
    );
  }
  return columns;
}

/** The column names of a CSV file. Throws RemoteRejected when they cannot be used. */
export async function csvHeader(
  file: SourceFile,
  key: readonly string[],
): Promise<readonly string[]> {
  for await (const each of cellsOf(file)) {
    if ('cells' in each) return readHeader(file, each.cells, key);
    break;
  }
  throw new RemoteRejected(`${file.name} has no first row with the names of the columns.`);
}

/**
 * The rows of a CSV file (RFC 4180: commas, double quotes, quoted line breaks, UTF-8 with or without BOM).
 * A row with another number of cells than the first row is bad; so is one with a stray quote.
 * Throws RemoteRejected when the file as a whole cannot be read.
 */
export async function* csvRows(file: SourceFile, key: readonly string[]): AsyncGenerator<FileRow> {
  let columns: readonly string[] | undefined;
  for await (const each of cellsOf(file)) {
    if ('kind' in each) {
      yield each;
    } else if (columns === undefined) {
      columns = readHeader(file, each.cells, key);
    } else if (each.cells.length !== columns.length) {
      const { line } = each;
      yield {
        kind: 'bad',
        line,
        code: 'wrong_columns',
        reason: `${file.name}, line ${line}: ${each.cells.length} cells instead of ${columns.length}. Quote cells that hold a comma.`,
      };
    } else {
      const data = Object.fromEntries(columns.map((name, at) => [name, each.cells[at] ?? '']));
      yield { kind: 'row', line: each.line, data };
    }
  }
  if (columns === undefined) {
    throw new RemoteRejected(`${file.name} has no first row with the names of the columns.`);
  }
}
