import { describeNoun } from './described-noun.ts';
import { directionOf, isProblem } from './language/direction.ts';
import type { MappingDocument } from './language/mapping-document.ts';
import type { NeededField } from './object-descriptions.ts';

/** How many of the fields that a new record of the target cannot do without have a row. */
export interface Coverage {
  readonly required: number;
  readonly mapped: number;
  /** Those that have none, by name. */
  readonly missing: readonly string[];
}

/**
 * How far a mapping covers its target: our own nouns are known, a system's object is what its connections described when
 * somebody last asked. Null while none of them did.
 */
export function coverageOf(
  document: MappingDocument,
  described: readonly NeededField[],
): Coverage | null {
  const direction = directionOf(document);
  if (isProblem(direction)) return null;
  const required =
    direction.kind === 'inbound'
      ? neededOfNoun(document.target.object)
      : neededThere(described, direction.connection, direction.object);
  if (required === null) return null;
  const rows = Object.keys(document.fields);
  const missing = required.filter((field) => !isFilled(rows, field));
  return { required: required.length, mapped: required.length - missing.length, missing };
}

function neededOfNoun(noun: string): readonly string[] | null {
  const fields = describeNoun(noun)?.fields;
  return fields === undefined
    ? null
    : fields.filter(({ required, readOnly }) => required && !readOnly).map(({ name }) => name);
}

/** What any of the connections that a mapping is for needs. */
function neededThere(
  described: readonly NeededField[],
  system: string,
  object: string,
): readonly string[] | null {
  const those = described.filter(
    (each) => each.object === object && (each.connection === system || each.connector === system),
  );
  if (those.length === 0) return null;
  return [...new Set(those.flatMap(({ needed }) => needed))].toSorted();
}

/** A row `entity.id` fills `entity`, and the rows of a list all fields of its items. */
function isFilled(rows: readonly string[], field: string): boolean {
  return rows.some(
    (row) => row === field || row.startsWith(`${field}.`) || field.startsWith(`${row}.`),
  );
}
