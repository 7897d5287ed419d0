import { plainDecimal } from '../lossless-json.ts';
import { QueryError, type Expression } from './suiteql-parse.ts';
import type { ColumnType, Row, Table } from './table-cells.ts';

/** One row per source of the query; null where a left join found nothing. */
export type Tuple = readonly (Row | null)[];

/** A compiled expression: its type is known before the first row. Values are text, null is SQL's. */
export interface Compiled {
  readonly type: ColumnType;
  readonly get: (tuple: Tuple) => string | null;
}

export interface Scope {
  readonly sources: readonly { readonly alias: string; readonly table: Table }[];
  /** The account's wall clock now, `YYYY-MM-DD HH:MM:SS`. */
  readonly now: string;
}

export type Condition = (tuple: Tuple) => boolean;

function unknownIdentifier(name: string, scope: Scope): QueryError {
  const available = scope.sources.flatMap(({ table }) => Object.keys(table.columns)).toSorted();
  return new QueryError(
    `Invalid search query. Detailed unprocessed description follows. Search error occurred: Unknown identifier '${name}'. Available identifiers are: {${available.map((id) => `${id}=${id}`).join(', ')}}`,
  );
}

/** Where a column lives: the position of its source, or -1. */
function sourceOf(source: string | null, name: string, scope: Scope): number {
  return scope.sources.findIndex(
    ({ alias, table }) =>
      (source === null || alias === source) && Object.hasOwn(table.columns, name),
  );
}

function compileColumn(source: string | null, name: string, scope: Scope): Compiled {
  if (source === null && ['sysdate', 'current_timestamp', 'current_date'].includes(name)) {
    return {
      type: name === 'current_date' ? 'date' : 'datetime',
      get: () => (name === 'current_date' ? scope.now.slice(0, 10) : scope.now),
    };
  }
  const at = sourceOf(source, name, scope);
  const type = scope.sources[at]?.table.columns[name];
  if (type === undefined)
    throw unknownIdentifier(source === null ? name : `${source}.${name}`, scope);
  return { type, get: (tuple) => tuple[at]?.values[name] ?? null };
}

function literalText(expression: Expression | undefined, what: string): string {
  if (expression?.kind === 'literal' && expression.type === 'text') return expression.value;
  throw new QueryError(`Invalid or unsupported search. ${what} needs a text literal.`);
}

const PARTS: readonly (readonly [string, number, number])[] = [['YYYY', 0, 4], ['MM', 5, 7], ['DD', 8, 10], ['HH24', 11, 13], ['MI', 14, 16], ['SS', 17, 19]]; // prettier-ignore

function toChar(value: string, format: string): string {
  const full = value.length === 10 ? `${value} 00:00:00` : value;
  return PARTS.reduce(
    (text, [part, from, to]) => text.replaceAll(part, full.slice(from, to)),
    format.toUpperCase(),
  );
}

function toDate(text: string, format: string): string {
  const at = (part: string): string => {
    const index = format
      .toUpperCase()
      .replace('HH24', 'HH##')
      .indexOf(part === 'HH24' ? 'HH##' : part);
    const shift = format.toUpperCase().indexOf('HH24');
    const from = shift !== -1 && index > shift ? index - 2 : index;
    return index === -1 ? '' : text.slice(from, from + (part === 'YYYY' ? 4 : 2));
  };
  const value = `${at('YYYY')}-${at('MM')}-${at('DD')} ${at('HH24') || '00'}:${at('MI') || '00'}:${at('SS') || '00'}`;
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(value))
    throw new QueryError(
      `Invalid or unsupported search. "${text}" does not fit the date format ${format}.`,
    );
  return value;
}

function displayOf(argument: Expression | undefined, scope: Scope): Compiled {
  if (argument?.kind !== 'column')
    throw new QueryError('Invalid or unsupported search. BUILTIN.DF needs a column.');
  const plain = compileColumn(argument.source, argument.name, scope);
  const at = sourceOf(argument.source, argument.name, scope);
  return { type: 'text', get: (tuple) => tuple[at]?.display[argument.name] ?? plain.get(tuple) };
}

function compileCall(name: string, args: readonly Expression[], scope: Scope): Compiled {
  if (name === 'builtin.df') return displayOf(args[0], scope);
  if (name === 'to_date' || name === 'to_timestamp') {
    const value = toDate(literalText(args[0], name), literalText(args[1], name));
    return { type: 'datetime', get: () => value };
  }
  const [first, second] = args;
  const inner = first === undefined ? undefined : compile(first, scope);
  if (inner === undefined)
    throw new QueryError(`Invalid or unsupported search. ${name} needs an argument.`);
  const mapped = (type: ColumnType, map: (value: string) => string): Compiled => ({
    type,
    get: (tuple) => {
      const value = inner.get(tuple);
      return value === null ? null : map(value);
    },
  });
  if (name === 'to_char') {
    const isDate = inner.type === 'date' || inner.type === 'datetime';
    const format = isDate ? literalText(second, 'TO_CHAR of a date') : '';
    return mapped('text', (value) => (isDate ? toChar(value, format) : value));
  }
  if (name === 'upper') return mapped('text', (value) => value.toUpperCase());
  if (name === 'lower') return mapped('text', (value) => value.toLowerCase());
  if (name === 'to_number') return mapped('number', plainDecimal);
  if (name === 'nvl' || name === 'coalesce') {
    const all = args.map((argument) => compile(argument, scope));
    return {
      type: inner.type,
      get: (tuple) => all.reduce<string | null>((found, one) => found ?? one.get(tuple), null),
    };
  }
  throw new QueryError(
    `Invalid or unsupported search. Function ${name.toUpperCase()} is not supported.`,
  );
}

/** Compiles a value expression. Throws QueryError on a name that no source has. */
export function compile(expression: Expression, scope: Scope): Compiled {
  switch (expression.kind) {
    case 'literal':
      return {
        type: expression.type === 'number' ? 'number' : 'text',
        get: () => (expression.type === 'null' ? null : expression.value),
      };
    case 'column':
      return compileColumn(expression.source, expression.name, scope);
    case 'call':
      return compileCall(expression.name, expression.args, scope);
    case 'star':
    case 'compare':
    case 'in':
    case 'null':
    case 'like':
    case 'and':
    case 'or':
    case 'not':
      throw new QueryError(
        'Invalid or unsupported search. A condition stands where a value is expected.',
      );
  }
}

function scaled(text: string, places: number): bigint {
  const [whole = '0', fraction = ''] = plainDecimal(text).split('.');
  return BigInt(`${whole}${fraction.padEnd(places, '0')}`);
}

function compareNumbers(left: string, right: string): number {
  const places = Math.max(
    ...[left, right].map((text) => plainDecimal(text).split('.')[1]?.length ?? 0),
  );
  const difference = scaled(left, places) - scaled(right, places);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** Compares two values as Oracle would: numbers by value, dates as midnight, the rest by character. */
export function compareValues(left: string, right: string, type: ColumnType): number {
  if (type === 'number') return compareNumbers(left, right);
  const pad = (value: string): string =>
    type === 'datetime' && value.length === 10 ? `${value} 00:00:00` : value;
  const [a, b] = [pad(left), pad(right)];
  return a === b ? 0 : a < b ? -1 : 1;
}

function commonType(left: ColumnType, right: ColumnType): ColumnType {
  if (left === 'number' || right === 'number') return 'number';
  if ([left, right].some((type) => type === 'datetime' || type === 'date')) return 'datetime';
  return 'text';
}

function compileCompare(operator: string, left: Compiled, right: Compiled): Condition {
  const type = commonType(left.type, right.type);
  const holds: Readonly<Record<string, (order: number) => boolean>> = {
    '=': (order) => order === 0,
    '<>': (order) => order !== 0,
    '<': (order) => order < 0,
    '<=': (order) => order <= 0,
    '>': (order) => order > 0,
    '>=': (order) => order >= 0,
  };
  const test = holds[operator];
  if (test === undefined)
    throw new QueryError(`Invalid or unsupported search. Operator ${operator} is not supported.`);
  return (tuple) => {
    const a = left.get(tuple);
    const b = right.get(tuple);
    return a !== null && b !== null && test(compareValues(a, b, type));
  };
}

function compileIn(left: Compiled, list: readonly Compiled[], not: boolean): Condition {
  const spell = (value: string): string => (left.type === 'number' ? plainDecimal(value) : value);
  const known = new Set(list.flatMap((one) => one.get([]) ?? []).map(spell));
  return (tuple) => {
    const value = left.get(tuple);
    return value !== null && known.has(spell(value)) !== not;
  };
}

function compileLike(left: Compiled, pattern: string, not: boolean): Condition {
  const escaped = pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const test = new RegExp(`^${escaped.replaceAll('%', '[^]*').replaceAll('_', '[^]')}$`);
  return (tuple) => {
    const value = left.get(tuple);
    return value !== null && test.test(value) !== not;
  };
}

/** Compiles a condition. SQL's "unknown" counts as false, which is enough at the top of WHERE and ON. */
export function compileCondition(expression: Expression, scope: Scope): Condition {
  switch (expression.kind) {
    case 'and': {
      const parts = expression.parts.map((part) => compileCondition(part, scope));
      return (tuple) => parts.every((part) => part(tuple));
    }
    case 'or': {
      const parts = expression.parts.map((part) => compileCondition(part, scope));
      return (tuple) => parts.some((part) => part(tuple));
    }
    case 'not': {
      const part = compileCondition(expression.part, scope);
      return (tuple) => !part(tuple);
    }
    case 'compare':
      return compileCompare(
        expression.operator,
        compile(expression.left, scope),
        compile(expression.right, scope),
      );
    case 'in':
      return compileIn(
        compile(expression.left, scope),
        expression.list.map((one) => compile(one, scope)),
        expression.not,
      );
    case 'null': {
      const left = compile(expression.left, scope);
      return (tuple) => (left.get(tuple) === null) !== expression.not;
    }
    case 'like':
      return compileLike(
        compile(expression.left, scope),
        literalText(expression.pattern, 'LIKE'),
        expression.not,
      );
    case 'literal':
    case 'column':
    case 'star':
    case 'call':
      throw new QueryError(
        'Invalid or unsupported search. A value stands where a condition is expected.',
      );
  }
}
