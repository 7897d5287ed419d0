import type { JsonObject } from '../kernel/hash.ts';

function cell(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of text as CSV (RFC 4180): a header from the first row's members, cells quoted where they must be. */
export function csvText(rows: readonly JsonObject[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return [columns.join(','), ...lines].map((line) => `${line}\n`).join('');
}

/** Rows as one JSON object a line. */
export function ndjsonText(rows: readonly JsonObject[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
