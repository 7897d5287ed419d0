/** One column of a table: its heading and what a row shows there. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | boolean | null | undefined;
}

/** Data goes to stdout, messages and progress to stderr. */
export interface Output {
  /** One JSON document with `--json`, else the text. */
  show(data: unknown, text: () => string): void;
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): void;
  message(text: string): void;
}

/** Creates the output of one command. */
export function createOutput(
  streams: { readonly out: NodeJS.WritableStream; readonly err: NodeJS.WritableStream },
  json: boolean,
): Output {
  const line = (text: string): void => void streams.out.write(`${text}\n`);
  return {
    show: (data, text) => line(json ? JSON.stringify(data) : text()),
    table: (rows, columns, empty) => {
      if (json) return line(JSON.stringify(rows));
      line(rows.length === 0 ? empty : tableText(rows, columns));
    },
    message: (text) => void streams.err.write(`${text}\n`),
  };
}

/** A plain table with two spaces between columns; control characters of foreign text are shown, not obeyed. */
export function tableText<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const render = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [render(columns.map((column) => column.title)), ...cells.map(render)].join('\n');
}

function printable(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '-';
  return String(value).replaceAll(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
