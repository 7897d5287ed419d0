import type { Json, JsonObject } from '../../kernel/hash.ts';
import type { Redaction } from './pack-shape.ts';

/**
 * What a column tells of people: `person` names one, or several in an array, and becomes a pseudonym; `words` are free text, in
 * which anybody may be named, so that nothing but leaving them out is safe. Other columns tell of things.
 */
export type ColumnKind = 'person' | 'words' | 'thing';

/** A table of a pack before it is written. Cells are JSON; what is undefined is empty. */
export interface EvidenceTable {
  /** Lower case with hyphens: the file and the sheet are called so. */
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[];
  readonly rows: readonly JsonObject[];
}

/** Whom a person becomes: the same pseudonym for the same text, and nothing else of it. */
export type Pseudonym = (person: string) => string;

/**
 * The table as it may be handed on. Pseudonyms keep who is the same person and leave words out; without personal data both are
 * left out. Columns stay, so that a reader sees what was withheld.
 */
export function redactTable(
  table: EvidenceTable,
  redaction: Redaction,
  pseudonym: Pseudonym,
): EvidenceTable {
  if (redaction === 'none') return table;
  const kinds = new Map(table.columns.map(({ name, kind }) => [name, kind]));
  const cell = (name: string, value: Json): Json => {
    const kind = kinds.get(name) ?? 'words';
    if (kind === 'thing') return value;
    return kind === 'words' || redaction === 'no_personal_data' ? null : hide(value, pseudonym);
  };
  const rows = table.rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(name, value)])),
  );
  return { ...table, rows };
}

function hide(value: Json, pseudonym: Pseudonym): Json {
  if (typeof value === 'string') return value === '' ? '' : pseudonym(value);
  if (Array.isArray(value)) return value.map((each: Json) => hide(each, pseudonym));
  return null;
}
