import type { MappingDocument, RowEdit } from '../mapping-types.ts';
import { movedParts, type Part } from '../three-way.ts';

/** Parts of a file that are no content of their own, or that say what the rest was put together from. */
const FRAME: ReadonlySet<string> = new Set([
  '$schema',
  'id',
  'version',
  'fields',
  'extends',
  'remove',
]);
const ROW = 'row ';

/** The parts of a mapping that a later version changed and that the draft does not have just so. */
export function rebaseParts(
  base: MappingDocument,
  live: MappingDocument,
  draft: MappingDocument,
): readonly Part[] {
  return movedParts(partsOf(base), partsOf(live), partsOf(draft));
}

/** The edits that give a draft these parts as the live version has them. */
export function takeOver(parts: readonly Part[]): readonly RowEdit[] {
  return parts.map(({ name, theirs }) => {
    const place = name.startsWith(ROW) ? { row: name.slice(ROW.length) } : { key: name };
    return theirs === undefined
      ? { op: 'remove' as const, ...place }
      : { op: 'set' as const, ...place, value: theirs };
  });
}

/** The parts that a document does not have as the live version has them, though they were to be taken over. */
export function notTaken(parts: readonly Part[], document: MappingDocument): readonly Part[] {
  const now = partsOf(document);
  return movedParts(
    Object.fromEntries(parts.map(({ name, was }) => [name, was])),
    Object.fromEntries(parts.map(({ name, theirs }) => [name, theirs])),
    now,
  );
}

function partsOf(document: MappingDocument): Readonly<Record<string, unknown>> {
  const { fields } = document;
  return Object.fromEntries([
    ...Object.entries(document).filter(([key]) => !FRAME.has(key)),
    ...Object.entries(fields).map(([name, row]) => [`${ROW}${name}`, row]),
  ]) as Readonly<Record<string, unknown>>;
}
