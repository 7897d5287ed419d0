import type { JsonObject } from '../../src/sdk/kernel.ts';
import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import { csvRows } from './csv-rows.ts';
import type { FileRow } from './file-row.ts';
import { ndjsonRows } from './ndjson-rows.ts';
import type { SourceFile } from './source-file.ts';

/** A row with its identity, or the reason why it has to wait for a person. */
export type KeyedRow =
  | { readonly kind: 'record'; readonly record: SourceRecord }
  | { readonly kind: 'unreadable'; readonly unreadable: UnreadableRecord };

/** The key columns joined by `|`; undefined when one of them is blank. */
function keyOf(data: JsonObject, key: readonly string[]): string | undefined {
  const parts = key.map((name) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  });
  if (parts.includes('')) return undefined;
  return parts.map((part) => part.replaceAll(/[\\|]/g, String.raw`\$&`)).join('|');
}

/** A bad row is known by its line: it can be shown, counted and mended, but not landed. */
function unreadable(id: string, code: string, reason: string): KeyedRow {
  return { kind: 'unreadable', unreadable: { id, code, reason, outcome: 'quarantined' } };
}

function keyed(
  file: SourceFile,
  key: readonly string[],
  row: FileRow,
  seen: Map<string, number>,
): KeyedRow {
  const { line } = row;
  if (row.kind === 'bad') return unreadable(`line:${line}`, row.code, row.reason);
  const id = keyOf(row.data, key);
  if (id === undefined) {
    return unreadable(
      `line:${line}`,
      'no_key',
      `${file.name}, line ${line}: the row has no ${key.join(' + ')}, which identifies it.`,
    );
  }
  const first = seen.get(id);
  if (first !== undefined) {
    return unreadable(
      `${id}#line:${line}`,
      'duplicate_key',
      `${file.name}, line ${line}: the same ${key.join(' + ')} stands on line ${first}. Keep one of the two.`,
    );
  }
  seen.set(id, line);
  return { kind: 'record', record: { id, stamp: null, deleted: false, data: row.data } };
}

/** All rows of a file in order. The first row of a key is the record; a later one waits for a person. */
export async function* keyedRows(
  file: SourceFile,
  key: readonly string[],
): AsyncGenerator<KeyedRow> {
  const seen = new Map<string, number>();
  const rows = file.format === 'csv' ? csvRows(file, key) : ndjsonRows(file);
  for await (const row of rows) yield keyed(file, key, row, seen);
}

/** The id under which a row is known. */
export function idOf(row: KeyedRow): string {
  return row.kind === 'record' ? row.record.id : (row.unreadable.id ?? '');
}
