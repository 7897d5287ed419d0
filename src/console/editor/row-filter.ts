import type { Row } from '../mapping-types.ts';
import type { Rows } from './edits.ts';
import { errorsOf, type RowErrors } from './row-errors.ts';
import { unmappedFields } from './target-fields.ts';
import type { DescribedField } from './use-fields.ts';
import type { Suggestion } from './use-suggestions.ts';

export const FILTERS = ['All', 'Required', 'Unmapped', 'Suggested', 'Errors', 'Changed'] as const;
export type Filter = (typeof FILTERS)[number];

/** One field of the target, or one row, with all that is known of it. */
export interface Line {
  readonly name: string;
  readonly row: Row | null;
  readonly field: DescribedField | null;
  /** What it could be filled with; null where it is filled, or nothing was found. */
  readonly suggestion: Suggestion | null;
  readonly errors: readonly string[];
  readonly isEdited: boolean;
}

/** What lines are made of. */
export interface Known {
  readonly rows: Rows;
  /** What the target has, as far as it is known. */
  readonly target: readonly DescribedField[];
  readonly edited: ReadonlyMap<string, Row | null>;
  readonly suggestions: readonly Suggestion[];
  readonly errors: RowErrors;
  readonly chosen: string | null;
}

/** Rows first, in the order of the file; then what has none, required first; then what is named only by an error or is chosen. */
export function linesOf({
  rows,
  target,
  edited,
  suggestions,
  errors,
  chosen,
}: Known): readonly Line[] {
  const described = new Map(target.map((field) => [field.name, field]));
  const open = unmappedFields(target, rows).toSorted(
    (a, b) => Number(b.required) - Number(a.required),
  );
  const names = [...Object.keys(rows), ...open.map(({ name }) => name)];
  const others = [...errors.keys()].filter(
    (name) => !names.some((each) => name === each || name.startsWith(`${each}.`)),
  );
  const all = new Set([...names, ...others, ...(chosen === null ? [] : [chosen])]);
  return [...all].map((name) => ({
    name,
    row: rows[name] ?? null,
    field: described.get(name) ?? null,
    suggestion: Object.hasOwn(rows, name) ? null : suggestionFor(suggestions, name),
    errors: errorsOf(errors, name),
    isEdited: edited.has(name),
  }));
}

/** A proposal for `entity.id` fills `entity`. */
function suggestionFor(suggestions: readonly Suggestion[], name: string): Suggestion | null {
  return suggestions.find(({ field }) => field === name || field.startsWith(`${name}.`)) ?? null;
}

export function fits({ row, field, suggestion, errors, isEdited }: Line, filter: Filter): boolean {
  switch (filter) {
    case 'All':
      // What only an error names is neither a row nor a field.
      return row !== null || field !== null;
    case 'Required':
      return field?.required === true;
    case 'Unmapped':
      return row === null;
    case 'Suggested':
      return suggestion !== null;
    case 'Errors':
      return errors.length > 0;
    case 'Changed':
      return isEdited;
  }
}
