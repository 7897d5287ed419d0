import type { MappingDocument } from './language/mapping-document.ts';

/** Names that every row can see: the record's data, its id and stamp, and when the run started. */
const EVERYWHERE: readonly string[] = ['src', 'record', 'run'];

/** The names outside of any loop: `src`, `record`, `run` and the included records. */
export function outerNames(document: Pick<MappingDocument, 'include'>): readonly string[] {
  return [...EVERYWHERE, ...Object.keys(document.include ?? {})];
}

/** The names that the rows of a document can see: the outer ones and the item of its loop. */
export function rowNames(
  document: Pick<MappingDocument, 'include' | 'forEach'>,
): readonly string[] {
  const item = document.forEach?.as;
  return item === undefined ? outerNames(document) : [...outerNames(document), item];
}
