import type { Rows } from './edits.ts';
import type { DescribedField } from './use-fields.ts';

/** A row `entity.id` fills `entity`, and the rows of a list all fields of its items. */
export function isFilled(rows: Rows, field: string): boolean {
  return Object.keys(rows).some(
    (row) => row === field || row.startsWith(`${field}.`) || field.startsWith(`${row}.`),
  );
}

/** Fields of the target that no row fills and that may be written. */
export function unmappedFields(
  fields: readonly DescribedField[],
  rows: Rows,
): readonly DescribedField[] {
  return fields.filter(({ name, readOnly }) => !readOnly && !isFilled(rows, name));
}

/** How many of the required fields have a row: `5 of 6 required fields have a row`. */
export function coverageWords(fields: readonly DescribedField[], rows: Rows): string {
  const required = fields.filter((field) => field.required && !field.readOnly);
  if (required.length === 0) return 'No field is required';
  const filled = required.filter(({ name }) => isFilled(rows, name));
  return `${filled.length} of ${required.length} required fields have a row`;
}
