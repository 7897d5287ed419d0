import { ApiError } from '../api.ts';
import type { ErrorGroup } from '../errors/error-types.ts';
import type { Preview } from './preview-types.ts';

/** What is wrong with rows, by row: one sentence each, none twice. */
export type RowErrors = ReadonlyMap<string, readonly string[]>;

interface Found {
  /** What the sample became under the rows as they are edited. */
  readonly preview: Preview | undefined;
  /** Why it could not be mapped at all. */
  readonly refusal: Error | null;
  /** What waits in the inbox because of the mapping. */
  readonly waiting: readonly ErrorGroup[];
}

/** Rows that do not fit, that a record of the sample fails on, or that landed records or writes wait for. */
export function rowErrors({ preview, refusal, waiting }: Found): RowErrors {
  const found: (readonly [row: string | null | undefined, message: string])[] = [];
  if (refusal instanceof ApiError)
    found.push(...refusal.problems.map(({ row, message }) => [row, message] as const));
  for (const { id, error, items } of preview?.records ?? []) {
    if (error !== null) found.push([error.row, `${id}: ${error.message}`]);
    for (const { field, error: failed } of items.flatMap(({ fields }) => fields))
      if (failed !== null) found.push([failed.row ?? field, `${id}: ${failed.message}`]);
  }
  found.push(
    ...waiting.map(({ field, count, message }) => [field, `${count} waiting: ${message}`] as const),
  );
  const errors = new Map<string, readonly string[]>();
  for (const [row, message] of found) {
    if (row === null || row === undefined) continue;
    errors.set(row, [...new Set([...(errors.get(row) ?? []), message])]);
  }
  return errors;
}

/** What is wrong with a row or, where it builds a list, with a row of that list. */
export function errorsOf(errors: RowErrors, name: string): readonly string[] {
  return [...errors].flatMap(([row, messages]) =>
    row === name || row.startsWith(`${name}.`) ? messages : [],
  );
}
