import { compareValues, compile, type Scope, type Tuple } from './suiteql-compile.ts';
import { QueryError, type Expression } from './suiteql-parse.ts';
import type { ColumnType, Row } from './table-cells.ts';

const AGGREGATES = new Set(['count', 'max', 'min', 'sum']);

/** True if the expression speaks of a group of rows. */
export function isAggregate(expression: Expression): boolean {
  return (
    expression.kind === 'call' &&
    (AGGREGATES.has(expression.name) || expression.args.some(isAggregate))
  );
}

/** An expression compiled over a group of rows. */
export interface Grouped {
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
export function compileGrouped(expression: Expression, scope: Scope): Grouped {
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
