import type * as z from 'zod';
import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import { parsePath, type Scope } from './compile-path.ts';
import { didYouMean } from './language/closest-name.ts';
import { isEachRow, type AnyRow } from './language/mapping-document.ts';
import { shapeOf } from './shape-of.ts';

/** Why a record could not be mapped; it is quarantined with this. Holds no value of the record. */
export interface MapFailure {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
  /** The target field whose row failed; null for the condition or the loop. */
  readonly row: string | null;
  /** The source path or expression that the row reads; null for fixed values. */
  readonly path: string | null;
}

/** What a row reads, as a person wrote it. */
export function sourceText(row: AnyRow): string | null {
  if (isEachRow(row)) return row.each;
  return row.from ?? row.expr ?? (typeof row.lookup === 'object' ? row.lookup.key : null);
}

/** A failure from what a row threw. What is no ValidationError is a defect and is thrown on. */
export function rowFailure(error: unknown, row: string | null, path: string | null): MapFailure {
  if (!(error instanceof ValidationError)) throw error;
  const { code } = error.details;
  return {
    kind: 'failed',
    code: typeof code === 'string' ? code : 'row_failed',
    message: row === null ? error.message : `Field "${row}": ${error.message}`,
    row,
    path,
  };
}

/** A failure from what the target's schema refused, with the nearest field name where the source has nothing. */
export function schemaFailure(
  error: z.ZodError,
  body: Readonly<Record<string, Json | undefined>>,
  rows: Readonly<Record<string, AnyRow>>,
  scope: Scope,
): MapFailure {
  const [issue] = error.issues;
  const row = typeof issue?.path[0] === 'string' ? issue.path[0] : null;
  const source = row === null ? undefined : rows[row];
  const path = source === undefined ? null : sourceText(source);
  const value = row === null ? undefined : body[row];
  if (row !== null && value === undefined) {
    const hint = path === null ? null : nearestField(path, scope);
    const message = `Field "${row}" is needed and the record gives no value for it.${hint === null ? '' : ` ${hint}`}`;
    return { kind: 'failed', code: 'missing_value', message, row, path };
  }
  const message = `Field "${row ?? ''}" got ${shapeOf(value)}: ${issue?.message ?? 'it does not fit'}.`;
  return { kind: 'failed', code: 'bad_value', message, row, path };
}

/** "Did you mean" among the fields that the record really has: field names, never values. */
function nearestField(text: string, scope: Scope): string | null {
  const path = parsePath(text);
  const [first] = path?.segments ?? [];
  if (path === null || typeof first !== 'string') return null;
  const holder = scope[path.root];
  if (typeof holder !== 'object' || holder === null || Array.isArray(holder)) return null;
  return Object.hasOwn(holder, first) ? null : didYouMean(first, Object.keys(holder));
}
