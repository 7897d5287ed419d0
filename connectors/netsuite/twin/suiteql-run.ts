import type { JsonObject } from '../../../src/sdk/kernel.ts';
import {
  compile,
  compileCondition,
  type Compiled,
  type Scope,
  type Tuple,
} from './suiteql-compile.ts';
import { compileGrouped, isAggregate, type Grouped } from './suiteql-group.ts';
import { ordered, type Groups } from './suiteql-order.ts';
import {
  parseSuiteql,
  QueryError,
  type Expression,
  type Join,
  type Select,
} from './suiteql-parse.ts';
import type { Row, Table } from './table-cells.ts';
import type { Tables } from './tables.ts';

export interface QueryContext {
  readonly tables: Tables;
  readonly now: string;
  /** Records that a fault hides from rows, though counts and bare id lists hold them. */
  readonly hidden: (object: string, id: string) => boolean;
  /** Spells a date as the account's settings ask, for columns that no TO_CHAR wraps. */
  readonly spellDate: (date: string) => string;
  /** Rows that one query reaches by offsets at all. */
  readonly maxRows: number;
  /** Called with the records behind a page of rows, after the page is made and while there is a next one. */
  readonly afterPage: (records: readonly Row['record'][]) => void;
}

/** One row of an answer, and the record behind it where the row shows more of it than its key. */
export interface ResultRow {
  readonly cells: JsonObject;
  readonly record: Row['record'] | null;
}

function tableOf(tables: Tables, name: string): Table {
  const table = tables.get(name);
  if (table === undefined)
    throw new QueryError(
      `Invalid search query. Detailed unprocessed description follows. Search error occurred: Record '${name}' was not found.`,
    );
  return table;
}

function conjuncts(on: Expression): readonly Expression[] {
  return on.kind === 'and' ? on.parts.flatMap(conjuncts) : [on];
}

/** Compiles an expression against some sources only, or gives null when it needs others. */
function within(expression: Expression, scope: Scope): Compiled | null {
  if (expression.kind !== 'column') return null;
  try {
    return compile(expression, scope);
  } catch {
    return null;
  }
}

interface HashKey {
  readonly outer: Compiled;
  readonly inner: Compiled;
}

/** An equality of the ON clause with one side in the joined table and the other before it: a key to hash by. */
function hashKey(join: Join, before: Scope, joined: Scope): HashKey | null {
  for (const part of conjuncts(join.on)) {
    if (part.kind !== 'compare' || part.operator !== '=') continue;
    for (const [one, other] of [
      [part.left, part.right],
      [part.right, part.left],
    ] as const) {
      const outer = within(one, before);
      const inner = within(other, joined);
      if (outer !== null && inner !== null) return { outer, inner };
    }
  }
  return null;
}

function joinRows(
  tuples: readonly Tuple[],
  join: Join,
  table: Table,
  before: Scope,
): readonly Tuple[] {
  const joined: Scope = { ...before, sources: [{ alias: join.alias, table }] };
  const scope: Scope = { ...before, sources: [...before.sources, ...joined.sources] };
  const holds = compileCondition(join.on, scope);
  const key = hashKey(join, before, joined);
  const index = key === null ? null : Map.groupBy(table.rows, (row) => key.inner.get([row]));
  return tuples.flatMap((tuple): readonly Tuple[] => {
    const wanted = key?.outer.get(tuple) ?? null;
    const candidates =
      index === null ? table.rows : wanted === null ? [] : (index.get(wanted) ?? []);
    const found = candidates.map((row): Tuple => [...tuple, row]).filter(holds);
    if (found.length > 0) return found;
    return join.left ? [[...tuple, null]] : [];
  });
}

interface OutputColumn extends Grouped {
  readonly name: string;
}

function outputColumns(select: Select, scope: Scope): readonly OutputColumn[] {
  let unnamed = 0;
  return select.items.flatMap(({ expression, alias }): readonly OutputColumn[] => {
    if (expression.kind === 'star') {
      return scope.sources.flatMap(({ alias: source, table }) =>
        Object.keys(table.columns).map((name) => ({
          name,
          ...compileGrouped({ kind: 'column', source, name }, scope),
        })),
      );
    }
    if (alias === null && expression.kind !== 'column') unnamed += 1;
    const name = alias ?? (expression.kind === 'column' ? expression.name : `expr${unnamed}`);
    return [{ name, ...compileGrouped(expression, scope) }];
  });
}

/** A query for nothing but ids and stamps lists keys: what a fault drops still shows there, so it can be named. */
function selectsOnlyKeys(select: Select): boolean {
  return select.items.every(
    ({ expression, alias }) =>
      alias === 'lastmodifieddate' || (expression.kind === 'column' && expression.name === 'id'),
  );
}

function printed(
  column: OutputColumn,
  group: readonly Tuple[],
  spellDate: (date: string) => string,
): string | null {
  const value = column.get(group);
  if (value === null) return null;
  return column.type === 'date' || column.type === 'datetime'
    ? spellDate(value.slice(0, 10))
    : value;
}

/** Joins and filters: the rows that a query speaks of, and what names them. */
function selected(
  select: Select,
  context: QueryContext,
  aggregated: boolean,
): { readonly scope: Scope; readonly tuples: readonly Tuple[] } {
  const base = tableOf(context.tables, select.from.table);
  let scope: Scope = { sources: [{ alias: select.from.alias, table: base }], now: context.now };
  const isWhole = aggregated || selectsOnlyKeys(select);
  let tuples: readonly Tuple[] = base.rows
    .filter(({ record }) => isWhole || !context.hidden(record.object, record.id))
    .map((row) => [row]);
  for (const join of select.joins) {
    const table = tableOf(context.tables, join.table);
    tuples = joinRows(tuples, join, table, scope);
    scope = { ...scope, sources: [...scope.sources, { alias: join.alias, table }] };
  }
  if (select.where !== null) tuples = tuples.filter(compileCondition(select.where, scope));
  return { scope, tuples };
}

function grouped(
  select: Select,
  scope: Scope,
  tuples: readonly Tuple[],
  aggregated: boolean,
): Groups {
  if (!aggregated) return tuples.map((tuple) => [tuple]);
  const keys = select.groupBy.map((expression) => compile(expression, scope));
  if (keys.length === 0) return [tuples];
  const keyOf = (tuple: Tuple): string => JSON.stringify(keys.map((key) => key.get(tuple)));
  return [...Map.groupBy(tuples, keyOf).values()];
}

/** What is asked for of a result: `limit` rows from `offset` on. */
export interface Slice {
  readonly offset: number;
  readonly limit: number;
}

/**
 * Runs one SuiteQL query: a slice of its rows in the vendor's spelling (lower-case names, every value text, nulls left
 * out) and how many there are in all. Throws QueryError with the vendor's message.
 */
export function runSuiteql(
  sql: string,
  context: QueryContext,
  { offset, limit }: Slice,
): { readonly total: number; readonly rows: readonly ResultRow[] } {
  const select = parseSuiteql(sql);
  const aggregated =
    select.groupBy.length > 0 || select.items.some(({ expression }) => isAggregate(expression));
  const { scope, tuples } = selected(select, context, aggregated);
  const columns = outputColumns(select, scope);
  const isRecord =
    !aggregated && !selectsOnlyKeys(select) && select.from.table !== 'transactionline';
  const print = (group: readonly Tuple[]): ResultRow => {
    const cells = columns.map(
      (column) => [column.name, printed(column, group, context.spellDate)] as const,
    );
    return {
      cells: Object.fromEntries(cells.filter(([, value]) => value !== null)),
      record: isRecord ? (group[0]?.[0]?.record ?? null) : null,
    };
  };
  const groups = ordered(grouped(select, scope, tuples, aggregated), select, scope, offset / limit);
  if (!select.distinct)
    return { total: groups.length, rows: groups.slice(offset, offset + limit).map(print) };
  const distinct = new Map(groups.map(print).map((row) => [JSON.stringify(row.cells), row]));
  return { total: distinct.size, rows: [...distinct.values()].slice(offset, offset + limit) };
}
