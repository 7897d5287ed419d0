import type { JsonObject } from '../../../src/sdk/kernel.ts';
import {
  compareValues,
  compile,
  compileCondition,
  type Compiled,
  type Scope,
  type Tuple,
} from './suiteql-compile.ts';
import {
  parseSuiteql,
  QueryError,
  type Expression,
  type Join,
  type Select,
} from './suiteql-parse.ts';
import type { ColumnType, Row, Table, Tables } from './tables.ts';

export interface QueryContext {
  readonly tables: Tables;
  readonly now: string;
  /** Records that a fault hides from rows, though counts and bare id lists hold them. */
  readonly hidden: (object: string, id: string) => boolean;
  /** Spells a date as the account's settings ask, for columns that no TO_CHAR wraps. */
  readonly spellDate: (date: string) => string;
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

const AGGREGATES = new Set(['count', 'max', 'min', 'sum']);

function isAggregate(expression: Expression): boolean {
  return (
    expression.kind === 'call' &&
    (AGGREGATES.has(expression.name) || expression.args.some(isAggregate))
  );
}

interface Grouped {
  readonly type: ColumnType;
  readonly get: (group: readonly Tuple[]) => string | null;
}

function extreme(values: readonly string[], type: ColumnType, sign: 1 | -1): string | null {
  return values.reduce<string | null>(
    (best, value) => (best === null || compareValues(value, best, type) * sign > 0 ? value : best),
    null,
  );
}

/** Compiles an expression over a group of rows: aggregates see them all, the rest sees the first. */
function compileGrouped(expression: Expression, scope: Scope): Grouped {
  if (expression.kind !== 'call' || !isAggregate(expression)) {
    const plain = compile(expression, scope);
    return {
      type: plain.type,
      get: (group) => (group[0] === undefined ? null : plain.get(group[0])),
    };
  }
  const [first] = expression.args;
  if (first === undefined)
    throw new QueryError('Invalid or unsupported search. An aggregate needs an argument.');
  if (!AGGREGATES.has(expression.name)) return wrapGrouped(expression, first, scope);
  if (first.kind === 'star') return { type: 'number', get: (group) => String(group.length) };
  const inner = compile(first, scope);
  const values = (group: readonly Tuple[]): readonly string[] =>
    group.flatMap((tuple) => inner.get(tuple) ?? []);
  if (expression.name === 'count')
    return { type: 'number', get: (group) => String(values(group).length) };
  if (expression.name === 'sum')
    throw new QueryError('Invalid or unsupported search. SUM is not supported.');
  const sign = expression.name === 'max' ? 1 : -1;
  return { type: inner.type, get: (group) => extreme(values(group), inner.type, sign) };
}

/** A function around an aggregate, such as TO_CHAR(MAX(lastmodifieddate), …): computed over one made-up row. */
function wrapGrouped(
  call: Extract<Expression, { kind: 'call' }>,
  first: Expression,
  scope: Scope,
): Grouped {
  const inner = compileGrouped(first, scope);
  const column: Expression = { kind: 'column', source: 'aggregate', name: 'value' };
  const outer = compile(
    { ...call, args: [column, ...call.args.slice(1)] },
    {
      ...scope,
      sources: [{ alias: 'aggregate', table: { columns: { value: inner.type }, rows: [] } }],
    },
  );
  const row = (value: string | null): Row => ({
    record: { object: 'dual', id: 'X' },
    values: { value },
    display: {},
  });
  return { type: outer.type, get: (group) => outer.get([row(inner.get(group))]) };
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

function ordered(
  groups: readonly (readonly Tuple[])[],
  select: Select,
  scope: Scope,
): readonly (readonly Tuple[])[] {
  const keys = select.orderBy.map(({ expression, descending }) => {
    const aliased =
      expression.kind === 'column' && expression.source === null
        ? select.items.find((item) => item.alias === expression.name)?.expression
        : undefined;
    return { ...compileGrouped(aliased ?? expression, scope), sign: descending ? -1 : 1 };
  });
  return groups.toSorted((left, right) => {
    for (const key of keys) {
      const [a, b] = [key.get(left), key.get(right)];
      // Oracle puts nulls last in ascending order.
      const order =
        a === null || b === null
          ? Number(a === null) - Number(b === null)
          : compareValues(a, b, key.type);
      if (order !== 0) return order * key.sign;
    }
    return 0;
  });
}

/** Selects nothing but ids: such a list stays true while a fault hides whole rows. */
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

/**
 * Runs one SuiteQL query and returns every row, in the vendor's spelling: lower-case names, every value text,
 * nulls left out. Throws QueryError with the vendor's message.
 */
export function runSuiteql(sql: string, context: QueryContext): readonly JsonObject[] {
  const select = parseSuiteql(sql);
  const base = tableOf(context.tables, select.from.table);
  let scope: Scope = { sources: [{ alias: select.from.alias, table: base }], now: context.now };
  let tuples: readonly Tuple[] = base.rows.map((row) => [row]);
  const aggregated =
    select.groupBy.length > 0 || select.items.some(({ expression }) => isAggregate(expression));
  if (!aggregated && !selectsOnlyKeys(select)) {
    tuples = tuples.filter(
      ([row]) =>
        row === undefined || row === null || !context.hidden(row.record.object, row.record.id),
    );
  }
  for (const join of select.joins) {
    const table = tableOf(context.tables, join.table);
    tuples = joinRows(tuples, join, table, scope);
    scope = { ...scope, sources: [...scope.sources, { alias: join.alias, table }] };
  }
  if (select.where !== null) tuples = tuples.filter(compileCondition(select.where, scope));
  const columns = outputColumns(select, scope);
  const keys = select.groupBy.map((expression) => compile(expression, scope));
  const groups = !aggregated
    ? tuples.map((tuple) => [tuple])
    : keys.length === 0
      ? [tuples]
      : [
          ...Map.groupBy(tuples, (tuple) =>
            JSON.stringify(keys.map((key) => key.get(tuple))),
          ).values(),
        ];
  const rows = ordered(groups, select, scope).map((group): JsonObject => {
    const cells = columns.map(
      (column) => [column.name, printed(column, group, context.spellDate)] as const,
    );
    return Object.fromEntries(cells.filter(([, value]) => value !== null));
  });
  return select.distinct
    ? [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
    : rows;
}
