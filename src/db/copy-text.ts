import { ValidationError } from '../kernel/errors.ts';
import type { CopyRow } from './tenant-tx.ts';

/** Large enough that a system call per chunk does not count, small enough to stay out of the large-object heap. */
const CHUNK_CHARS = 65_536;

const SPECIAL = /[\\\t\n\r\0]/;
const SPECIALS = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

function escapeField(value: string, row: number, column: string): string {
  if (value.includes('\0')) {
    throw new ValidationError(
      `Row ${row} holds a NUL character in ${column}, which PostgreSQL text cannot hold. Quarantine the record.`,
    );
  }
  return value.replace(SPECIALS, (char) => ESCAPES[char] ?? char);
}

function encodeRow(row: CopyRow, index: number, columns: readonly string[]): string {
  if (row.length !== columns.length) {
    throw new ValidationError(
      `Row ${index} has ${row.length} values for ${columns.length} columns.`,
    );
  }
  let line = '';
  for (let at = 0; at < row.length; at += 1) {
    const value = row[at];
    if (at > 0) line += '\t';
    if (value === null || value === undefined) line += '\\N';
    else line += SPECIAL.test(value) ? escapeField(value, index, columns[at] ?? '') : value;
  }
  if (!line.isWellFormed()) {
    throw new ValidationError(
      `Row ${index} holds half of a surrogate pair, which UTF-8 cannot hold. Quarantine the record.`,
    );
  }
  return `${line}\n`;
}

/**
 * Rows in the text format of COPY (https://www.postgresql.org/docs/18/sql-copy.html), in chunks of about 64 KB.
 * Throws ValidationError naming the row (from 0) for a NUL character, a lone surrogate or a wrong width.
 */
export async function* copyText(
  columns: readonly string[],
  rows: Iterable<CopyRow> | AsyncIterable<CopyRow>,
): AsyncGenerator<Buffer> {
  let chunk = '';
  let index = 0;
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) {
      chunk += encodeRow(row, index, columns);
      index += 1;
      if (chunk.length < CHUNK_CHARS) continue;
      yield Buffer.from(chunk);
      chunk = '';
    }
  } else {
    for (const row of rows) {
      chunk += encodeRow(row, index, columns);
      index += 1;
      if (chunk.length < CHUNK_CHARS) continue;
      yield Buffer.from(chunk);
      chunk = '';
    }
  }
  if (chunk !== '') yield Buffer.from(chunk);
}
