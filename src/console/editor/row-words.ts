import type { Row } from '../mapping-types.ts';

export type RowKind = 'from' | 'value' | 'lookup' | 'expr' | 'each';

/** Where a row gets its value: the badge that it carries. */
export function kindOf(row: Row): RowKind {
  if (row.each !== undefined) return 'each';
  if (row.expr !== undefined) return 'expr';
  if (typeof row.lookup === 'object') return 'lookup';
  return row.from === undefined ? 'value' : 'from';
}

/** The words for each kind. */
export const KIND_WORDS = {
  from: 'Field',
  value: 'Fixed value',
  lookup: 'Lookup',
  expr: 'Expression',
  each: 'List',
} as const satisfies Record<RowKind, string>;

/** The source of a row in one line. */
export function sourceText(row: Row): string {
  const kind = kindOf(row);
  if (kind === 'each') return row.each ?? '';
  if (kind === 'expr') return row.expr ?? '';
  if (kind === 'value') return JSON.stringify(row.value);
  const table = typeof row.lookup === 'object' ? row.lookup.table : row.lookup;
  const path = typeof row.lookup === 'object' ? row.lookup.key : (row.from ?? '');
  return table === undefined ? path : `${path} in ${table}`;
}

/** Steps as people type them: one a line, `date` or `prefix: SF-`. */
export function stepsText(steps: Row['steps']): string {
  return (steps ?? [])
    .map((step) => {
      if (typeof step === 'string') return step;
      const [[name, argument] = ['', null]] = Object.entries(step);
      return `${name}: ${typeof argument === 'string' && !isJson(argument) ? argument : JSON.stringify(argument)}`;
    })
    .join('\n');
}

/** The steps that lines of `stepsText` mean. An argument is JSON where it reads as JSON, and text otherwise. */
export function stepsOf(text: string): NonNullable<Row['steps']> {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', argument = ''] = /^([^:]+):(.*)$/.exec(line) ?? [];
      return name === '' ? line : { [name.trim()]: constantOf(argument.trim()) };
    });
}

/** A constant as people type it: JSON where it reads as JSON (`12`, `true`, `"12"`), and text otherwise. */
export function constantOf(text: string): unknown {
  return isJson(text) ? (JSON.parse(text) as unknown) : text;
}

/** The text that `constantOf` reads as this constant. */
export function constantText(value: unknown): string {
  if (typeof value === 'string' && !isJson(value)) return value;
  return value === undefined ? '' : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
