import { Option, type Command } from 'commander';
import { csvText } from './csv-text.ts';
import type { Column } from './output.ts';

const FORMATS = ['ndjson', 'csv', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** `--format` of a command that writes every row of a list to stdout. */
export function formatOption(command: Command): Command {
  return command.addOption(
    new Option('--format <format>', 'ndjson (one a line), csv or json')
      .choices(FORMATS)
      .default('ndjson'),
  );
}

/** Every row: whole, one a line or as one array; or the columns of a table, safe to open in a spreadsheet. */
export function exportText<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  format: Format,
): string {
  if (format === 'csv') return csvText(rows, columns);
  if (format === 'json') return `${JSON.stringify(rows)}\n`;
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** The format that was asked for. */
export function formatOf(command: Command): Format {
  return command.opts<{ format: Format }>().format;
}
