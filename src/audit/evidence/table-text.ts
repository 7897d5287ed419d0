import type { JsonObject } from '../../kernel/hash.ts';
import { canonicalJson } from '../../kernel/hash.ts';

/** A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection); tab and return are taken off first. */
const FORMULA = /^[\t\r\n ]*[=+\-@]/;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/** The text of a cell, an apostrophe before what a spreadsheet would calculate. A plain number stays a number. */
export function harmlessCell(text: string): string {
  const risky = /^[\t\r]/.test(text) || (FORMULA.test(text) && !PLAIN_NUMBER.test(text));
  return risky ? `'${text}` : text;
}

/** RFC 4180 with a heading row; null and missing members are empty, structures their RFC 8785 form. */
export function csvOf(columns: readonly string[], rows: readonly JsonObject[]): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return [columns.map(cell).join(','), ...lines, ''].join('\r\n');
}

/** A member of a row as text: empty for null and what is missing, RFC 8785 for a structure. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** A JSON array, a row a line. */
export function jsonOf(rows: readonly JsonObject[]): string {
  return rows.length === 0
    ? '[]\n'
    : `[\n${rows.map((row) => canonicalJson(row)).join(',\n')}\n]\n`;
}

function cell(value: unknown): string {
  const text = harmlessCell(cellText(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
