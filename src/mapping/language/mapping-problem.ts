/** One thing that is wrong with a mapping file, for a person to mend. */
export interface MappingProblem {
  /** The target field whose row is wrong; null for the file as a whole. */
  readonly row: string | null;
  /** JSON pointer (RFC 6901) into the document. */
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  /** What to write instead; null when nobody can guess. */
  readonly hint: string | null;
  /** Line in the text, from 1; null when the mapping did not come from text. */
  readonly line: number | null;
}

/** A problem before its line is known. */
export type FoundProblem = Omit<MappingProblem, 'line' | 'hint'> & {
  readonly hint?: string | null;
};

export type PointerPath = readonly (string | number)[];

export function pointerOf(path: PointerPath): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** The target field that a path lies in: `['fields', 'quantity', 'steps', 0]` is the row `quantity`. */
export function rowOf(path: PointerPath): string | null {
  const [area, field] = path;
  return area === 'fields' && typeof field === 'string' ? field : null;
}
