import { parse } from 'csv-parse/sync';
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, stringify, visit, type Node } from 'yaml'; // prettier-ignore
import type { Json } from '../kernel/hash.ts';

/** The forms in which a table comes and goes. */
export type LookupFormat = 'csv' | 'json' | 'yaml';

/** What is wrong with one cell or line of a file. */
export interface CellProblem {
  /** Counted from 1; null for the file as a whole. */
  readonly line: number | null;
  /** The column or member; null for the whole line. */
  readonly column: string | null;
  readonly code: string;
  readonly message: string;
}

/** A file as it was read: its entries with the lines on which they begin. */
export interface LookupFile {
  readonly entries: ReadonlyMap<string, Json>;
  readonly lines: ReadonlyMap<string, number>;
  readonly problems: readonly CellProblem[];
}

/** What a spreadsheet would run, at the beginning of a cell; an apostrophe before it makes it a text. */
const FORMULA = /^[=+\-@\t\r]/;
const SPELLED = /^'+[=+\-@\t\r]/;
const FIGURE = /^[+-]?\d+([.,]\d+)*%?$/;
const BOM = '\uFEFF';
const PROTOTYPE = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads the entries of a file, with everything that is wrong with it. What is wrong with a cell takes its entry away. */
export function readLookupFile(text: string, format: LookupFormat): LookupFile {
  if (text.startsWith(BOM))
    return failed(1, 'byte_order_mark', 'The file begins with a byte order mark. Save it as UTF-8 without one.'); // prettier-ignore
  if (text.includes('\u0000')) return failed(null, 'not_text', 'The file holds a NUL character.');
  return format === 'csv' ? readCsv(text) : readTree(text, format);
}

function failed(line: number | null, code: string, message: string): LookupFile {
  const problems = [{ line, column: null, code, message }];
  return { entries: new Map(), lines: new Map(), problems };
}

/** Collects entries, and refuses a key that was there before. */
function collector() {
  const entries = new Map<string, Json>();
  const lines = new Map<string, number>();
  const problems: CellProblem[] = [];
  return {
    file: { entries, lines, problems } satisfies LookupFile,
    refuse: (line: number | null, column: string | null, code: string, message: string): void =>
      void problems.push({ line, column, code, message }),
    add: (line: number, key: string, value: Json): void => {
      const before = lines.get(key);
      if (before !== undefined) {
        const message = `The key "${key.slice(0, 80)}" is on line ${before} already.`;
        problems.push({ line, column: 'key', code: 'duplicate_key', message });
      } else if (PROTOTYPE.has(key)) {
        problems.push({ line, column: 'key', code: 'bad_key', message: `"${key}" is no key.` });
      } else {
        lines.set(key, line);
        entries.set(key, value);
      }
    },
  };
}

type Collector = ReturnType<typeof collector>;

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function readCsv(text: string): LookupFile {
  let rows: readonly Line[];
  try {
    rows = parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      // A file that was edited by two programs ends its lines in two ways.
      record_delimiter: ['\r\n', '\n', '\r'],
    }) as unknown as Line[];
  } catch (error) {
    const line = error instanceof Error && 'lines' in error ? Number(error.lines) : null;
    return failed(line, 'bad_quotes', 'The quotes of this line cannot be read. Quote the whole cell and double quotes within.'); // prettier-ignore
  }
  const [head, ...body] = rows;
  const columns = head?.record ?? [];
  const bad = headProblem(columns);
  if (bad !== null) return failed(head?.info.lines ?? 1, 'bad_header', bad);
  const into = collector();
  for (const row of body) readRow(into, columns, row);
  return into.file;
}

function headProblem(columns: readonly string[]): string | null {
  if (columns[0] !== 'key' || columns.length < 2)
    return 'The first line names the columns: key, then value, json, or the members of the values.';
  if (columns.some((name) => name.trim() === '' || PROTOTYPE.has(name)))
    return 'A column has no usable name.';
  if (new Set(columns).size < columns.length) return 'Two columns have one name.';
  const alone = columns.some((name) => name === 'value' || name === 'json');
  return alone && columns.length > 2
    ? 'A column named value or json stands alone beside the key.'
    : null;
}

function readRow(into: Collector, columns: readonly string[], { record, info }: Line): void {
  const line = info.lines;
  if (record.length !== columns.length) {
    const message = `The line has ${record.length} cells, and there are ${columns.length} columns.`;
    return into.refuse(line, null, 'cell_count', message);
  }
  const cells = columns.map((column, at) => [column, record[at] ?? ''] as const);
  const formulas = cells.filter(([, cell]) => FORMULA.test(cell) && !FIGURE.test(cell));
  for (const [column] of formulas)
    into.refuse(line, column, 'formula', 'A spreadsheet would run this cell. Write an apostrophe before it if it is a text.'); // prettier-ignore
  if (formulas.length > 0) return;
  const [[, key], ...rest] = cells.map(([column, cell]) => [column, plain(cell)] as const) as [
    readonly [string, string],
    ...(readonly [string, string])[],
  ];
  if (key === '') return into.refuse(line, 'key', 'blank_key', 'The key is blank.');
  const value = valueOf(rest);
  if (value === undefined) {
    const [column = 'value', cell] = rest[0] ?? [];
    const blank = cell === '';
    const message = blank ? 'The value is blank.' : 'The cell holds no JSON.';
    return into.refuse(line, column, blank ? 'blank_value' : 'bad_json', message);
  }
  into.add(line, key, value);
}

/** A cell without the apostrophe that keeps a spreadsheet from running it. */
function plain(cell: string): string {
  return SPELLED.test(cell) ? cell.slice(1) : cell;
}

function valueOf(cells: readonly (readonly [string, string])[]): Json | undefined {
  const [first] = cells;
  if (first?.[0] === 'value') return first[1] === '' ? undefined : first[1];
  if (first?.[0] === 'json') return jsonOf(first[1]);
  // A cell that is empty is a member that is not there.
  return Object.fromEntries(cells.filter(([, cell]) => cell !== ''));
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** JSON is read as the YAML that it is too: that tells lines and keys that come twice. */
function readTree(text: string, format: 'json' | 'yaml'): LookupFile {
  if (format === 'json' && jsonOf(text) === undefined)
    return failed(null, 'not_json', 'The file is not JSON.');
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, version: '1.2' });
  const lineOf = (node: unknown): number => {
    const range = (node as Node | null | undefined)?.range;
    return range === null || range === undefined ? 1 : counter.linePos(range[0]).line;
  };
  const [error] = document.errors;
  if (error !== undefined)
    return failed(error.linePos?.[0].line ?? null, `not_${format}`, `The file is not ${format.toUpperCase()}.`); // prettier-ignore
  const into = collector();
  refuseTricks(document.contents, into, lineOf);
  if (into.file.problems.length > 0) return into.file;
  const { contents } = document;
  if (isMap(contents)) {
    for (const { key, value } of contents.items)
      into.add(lineOf(key), String(isScalar(key) ? key.value : key), jsOf(value));
  } else if (isSeq(contents)) {
    for (const item of contents.items) addItem(into, item, lineOf);
  } else into.refuse(1, null, 'bad_shape', 'The file holds neither keys with values nor a list of { key, value }.'); // prettier-ignore
  return into.file;
}

function addItem(into: Collector, item: unknown, lineOf: (node: unknown) => number): void {
  const line = lineOf(item);
  const key = isMap(item) ? item.get('key') : undefined;
  if (!isMap(item) || typeof key !== 'string' || !item.has('value') || item.items.length !== 2)
    return into.refuse(line, null, 'bad_shape', 'An item is { key, value }, with a text for the key.'); // prettier-ignore
  into.add(line, key, jsOf(item.get('value', true)));
}

function jsOf(node: unknown): Json {
  return (node === null || node === undefined ? null : (node as Node).toJSON()) as Json;
}

/** Aliases, tags, numbers that would lose digits, and keys that are no text. */
function refuseTricks(root: unknown, into: Collector, lineOf: (node: unknown) => number): void {
  if (root === null || root === undefined) return;
  visit(root as Node, (_at, node) => {
    if (isAlias(node)) {
      into.refuse(lineOf(node), null, 'alias', 'Aliases are not taken. Write the value out.');
      return visit.BREAK;
    }
    if (isPair(node)) {
      const { key } = node;
      if (!isScalar(key) || typeof key.value !== 'string')
        into.refuse(lineOf(key), 'key', 'key_no_text', 'A key that is no text is put in quotes.');
      else if (PROTOTYPE.has(key.value))
        into.refuse(lineOf(key), 'key', 'bad_key', `"${key.value}" is no key.`);
    } else if (isScalar(node) && typeof node.value === 'number' && !isExact(node.value))
      into.refuse(lineOf(node), 'value', 'inexact_number', 'This number is not kept exactly. Put it in quotes.'); // prettier-ignore
    return undefined;
  });
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** A table as a file that {@link readLookupFile} reads back to the same entries. */
export function lookupFileText(entries: ReadonlyMap<string, Json>, format: LookupFormat): string {
  if (format === 'csv') return csvOf([...entries]);
  const tree = Object.fromEntries(entries);
  if (format === 'json') return `${JSON.stringify(tree, null, 2)}\n`;
  return stringify(tree, { aliasDuplicateObjects: false, lineWidth: 0 });
}

function csvOf(entries: readonly (readonly [string, Json])[]): string {
  const columns = columnsOf(entries.map(([, value]) => value));
  const rows = entries.map(([key, value]) => [key, ...columns.map((name) => cellFor(name, value))]);
  return [['key', ...columns], ...rows]
    .map((cells) => `${cells.map(spelled).join(',')}\r\n`)
    .join('');
}

/** Texts alone need one column; plain objects of texts one a member; anything else is written as JSON. */
function columnsOf(values: readonly Json[]): readonly string[] {
  if (values.every((value) => typeof value === 'string' && value !== '')) return ['value'];
  const members = values.map(textMembers);
  const names = [...new Set(members.flatMap((each) => each ?? []))].toSorted();
  const plainly = members.every((each) => each !== null) && names.length > 0;
  const free = names.every(
    (name) => !['key', 'value', 'json'].includes(name) && name.trim() !== '',
  );
  return plainly && free ? names : ['json'];
}

function textMembers(value: Json): readonly string[] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const members = Object.entries(value);
  return members.every(([, each]) => typeof each === 'string' && each !== '')
    ? members.map(([name]) => name)
    : null;
}

function cellFor(column: string, value: Json): string {
  if (column === 'json') return JSON.stringify(value);
  if (typeof value === 'string') return value;
  const members = value as Readonly<Record<string, string>>;
  return Object.hasOwn(members, column) ? (members[column] ?? '') : '';
}

function spelled(text: string): string {
  const needsMark = (FORMULA.test(text) && !FIGURE.test(text)) || SPELLED.test(text);
  const cell = needsMark ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
