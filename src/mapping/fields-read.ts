import { parsePath } from './compile-path.ts';
import { isEachRow, type MappingDocument, type Row } from './language/mapping-document.ts';

/** A field of a vendor object that a mapping depends on. */
export interface FieldRead {
  /** The stream whose records hold it: the mapping's own, or one that it includes. */
  readonly stream: string;
  readonly field: string;
}

/** Text in quotes, as expressions write it. */
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g;
/** A member of something in sight: `src.StageName`, `acct["Odd Name"]`. */
const MEMBER = /\b([A-Za-z_]\w*)(?:\.([A-Za-z_$@][\w$@-]*)|\["((?:[^"\\]|\\.)+)"\])/g;

/** The fields of vendor records that an inbound mapping reads, by their first name: of `src.Account.Name`, `Account`. */
export function fieldsRead(document: MappingDocument, stream: string): readonly FieldRead[] {
  const streams = new Map([
    ['src', stream],
    ...Object.entries(document.include ?? {}).map(
      ([alias, include]) => [alias, include.stream] as const,
    ),
  ]);
  const found = new Map<string, FieldRead>();
  const note = (root: string, field: string): void => {
    const of = streams.get(root);
    if (of !== undefined) found.set(`${of}/${field}`, { stream: of, field });
  };
  for (const path of pathsOf(document)) {
    const { root, segments } = parsePath(path) ?? { root: '', segments: [] };
    const [first] = segments;
    if (typeof first === 'string') note(root, first);
  }
  for (const text of expressionsOf(document)) {
    for (const [, root = '', plain, quoted] of text.matchAll(MEMBER))
      note(root, plain ?? quoted ?? '');
  }
  return [...found.values()];
}

/** The texts that a mapping tells values apart by: an option of a picklist among them is one that it knows by name. */
export function textsNamed(document: MappingDocument): ReadonlySet<string> {
  const texts = expressionsOf(document).flatMap((text) =>
    [...text.matchAll(QUOTED)].map(([, double, single]) => double ?? single ?? ''),
  );
  return new Set(texts);
}

function rowsOf(document: MappingDocument): readonly Row[] {
  return Object.values(document.fields).flatMap((row) => (isEachRow(row) ? [] : [row]));
}

function pathsOf(document: MappingDocument): readonly string[] {
  const rows = rowsOf(document);
  return [
    ...Object.values(document.include ?? {}).map(({ id }) => id),
    ...(document.forEach === undefined ? [] : [document.forEach.items]),
    ...rows.flatMap((row) => [
      ...(row.from === undefined ? [] : [row.from]),
      ...(typeof row.lookup === 'object' ? [row.lookup.key] : []),
      ...(row.steps ?? []).flatMap((step) =>
        typeof step === 'string'
          ? []
          : Object.values(step).filter((each) => typeof each === 'string'),
      ),
    ]),
  ];
}

function expressionsOf(document: MappingDocument): readonly string[] {
  return [document.when, document.forEach?.when, ...rowsOf(document).map((row) => row.expr)].filter(
    (text) => text !== undefined,
  );
}
