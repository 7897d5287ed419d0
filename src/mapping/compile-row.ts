import { InternalError, ValidationError, messageOf } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import type { TransformDefinition } from '../sdk/define-transform.ts';
import {
  readBoolean,
  readDate,
  readDecimal,
  readInstant,
  readInteger,
  readNumber,
  readText,
} from '../sdk/read-value.ts';
import { compilePath, parsePath, type PathGetter, type Scope } from './compile-path.ts';
import { compileExpression } from './expressions/compile-expression.ts';
import { stepName } from './language/check-row.ts';
import type { Row, Step, TargetType } from './language/mapping-document.ts';
import type { Steps } from './language/parse-mapping.ts';
import type { LookupTables } from './lookups.ts';
import { shapeOf } from './shape-of.ts';

/** A row's answer that the whole record (or item) is to be left out. */
export const SKIP: unique symbol = Symbol('skip');

/** What a row sees beside the scope. */
export interface RowRun {
  readonly lookups: LookupTables;
}

/** Reads one row; null, undefined and blank text mean "no value" (see {@link isBlank}). Throws a ValidationError with `details.code`. */
export type ReadRow = (scope: Scope, run: RowRun) => Json | undefined | typeof SKIP;

export interface RowContext {
  readonly steps: Steps;
  readonly names: readonly string[];
  /** Collects the lookup tables that rows name. */
  readonly lookups: Set<string>;
}

type Read = (scope: Scope, run: RowRun) => Json | undefined;
type Change = (value: Json, scope: Scope) => Json;

/** Compiles a checked row into closures: its source, its steps, its type, its lookup, its default. */
export function compileRow(row: Row, context: RowContext): ReadRow {
  if (row.value !== undefined) {
    const { value } = row;
    return () => value;
  }
  const source = withChanges(compileSource(row, context), compileChanges(row, context));
  const read =
    typeof row.lookup === 'string' ? tableLookup(row.lookup, row.onMissing, source) : source;
  return withMissing(row, read);
}

function compileSource(row: Row, context: RowContext): Read {
  if (row.from !== undefined) return compilePath(row.from);
  if (typeof row.lookup === 'object') {
    const { table, key } = row.lookup;
    context.lookups.add(table);
    return tableLookup(table, row.onMissing, compilePath(key));
  }
  if (row.expr === undefined)
    throw new InternalError('A row without a source was compiled unchecked.');
  const expression = compileExpression(row.expr, context.names);
  for (const table of expression.lookups) context.lookups.add(table);
  return (scope) => expression.evaluate(scope);
}

function compileChanges(row: Row, context: RowContext): readonly Change[] {
  if (typeof row.lookup === 'string') context.lookups.add(row.lookup);
  const steps = (row.steps ?? []).map((step) => compileStep(step, context));
  return row.to === undefined ? steps : [...steps, CASTS[row.to]];
}

function withChanges(source: Read, changes: readonly Change[]): Read {
  const [first] = changes;
  if (first === undefined) return source;
  if (changes.length === 1) {
    return (scope, run) => first(source(scope, run) ?? null, scope);
  }
  return (scope, run) => {
    let value: Json = source(scope, run) ?? null;
    for (const change of changes) value = change(value, scope);
    return value;
  };
}

/** Blank text is no value: sources spell "nothing" as an empty cell. */
export function isBlank(value: Json | undefined): value is null | undefined | '' {
  return value === undefined || value === null || value === '';
}

function withMissing(row: Row, read: Read): ReadRow {
  const fallback = row.default ?? null;
  const { onMissing } = row;
  if (onMissing === 'skip') {
    return (scope, run) => {
      const value = read(scope, run);
      if (!isBlank(value)) return value;
      return fallback === null ? SKIP : fallback;
    };
  }
  const required = onMissing === 'error' || row.key === true;
  if (fallback === null && !required) return read;
  return (scope, run) => {
    const value = read(scope, run);
    if (!isBlank(value)) return value;
    if (fallback === null && required) throw missing(row);
    return fallback;
  };
}

function missing(row: Row): ValidationError {
  return new ValidationError('The record has no value here, and the row needs one.', {
    details: { code: row.key === true ? 'missing_key' : 'missing_value' },
  });
}

function tableLookup(table: string, onMissing: Row['onMissing'], key: Read): Read {
  return (scope, run) => {
    const value = key(scope, run);
    if (isBlank(value)) return null;
    const found = run.lookups.get(table, readText(value));
    if (found !== undefined) return found;
    if (onMissing === 'keep') return value;
    if (onMissing === 'null' || onMissing === 'skip') return null;
    throw new ValidationError(
      `The lookup table "${table}" has no entry for this key (${shapeOf(value)}).`,
      {
        details: { code: 'lookup_missing' },
      },
    );
  };
}

const CASTS: Readonly<Record<TargetType, Change>> = {
  text: cast(readText),
  integer: cast(readInteger),
  number: cast(readNumber),
  decimal: cast(readDecimal),
  boolean: cast(readBoolean),
  date: cast((value) => readDate(value)),
  instant: cast(readInstant),
};

function cast(read: (value: Json) => Json): Change {
  return (value) => {
    if (isBlank(value)) return null;
    try {
      return read(value);
    } catch (error) {
      // The readers' messages say what they expect and never repeat the value.
      throw new ValidationError(`${messageOf(error)}, got ${shapeOf(value)}`, {
        details: { code: 'wrong_type' },
        cause: error,
      });
    }
  };
}

function compileStep(step: Step, context: RowContext): Change {
  const name = stepName(step);
  const definition = context.steps.get(name);
  if (definition === undefined)
    throw new InternalError(`The step "${name}" was compiled unchecked.`);
  const argument = typeof step === 'string' ? null : (step[name] ?? null);
  const path = typeof argument === 'string' ? argumentPath(argument, context.names) : null;
  if (path !== null) return (value, scope) => apply(definition, value, path(scope) ?? null);
  return (value) => apply(definition, value, argument);
}

/** An argument that reads as a path into something in sight is one: `{ default: src.CloseDate }`. */
function argumentPath(argument: string, names: readonly string[]): PathGetter | null {
  const path = parsePath(argument);
  const isPath = path !== null && path.segments.length > 0 && names.includes(path.root);
  return isPath ? compilePath(argument) : null;
}

function apply(definition: TransformDefinition, value: Json, argument: Json): Json {
  try {
    return definition.apply(value, argument);
  } catch (error) {
    // The step's own message may hold the value, so only its name and description are handed on.
    throw new ValidationError(
      `The step "${definition.name}" (${definition.description}) cannot use ${shapeOf(value)}.`,
      { details: { code: 'step_failed' }, cause: error },
    );
  }
}
