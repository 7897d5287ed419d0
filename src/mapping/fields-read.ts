import { parsePath } from './compile-path.ts';
import { isEachRow, type MappingDocument, type Row } from './language/mapping-document.ts';

/** A field of a vendor object that a mapping depends on. */
export interface FieldRead {
  /** The stream whose records hold it: the mapping's own, or one that it includes. */
  readonly stream: string;
  readonly field: string;
  /** The rows that read it; `when`, `forEach` and `include` for those parts of the mapping. */
  readonly rows: readonly string[];
}

/** Text in quotes, as expressions write it. */
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g;
/** A member of something in sight, also where it may be absent: `src.StageName`, `src.?End__c`, `acct["Odd Name"]`. */
const MEMBER = /\b([A-Za-z_]\w*)(?:\.\??([A-Za-z_]\w*)|\[\??"((?:[^"\\]|\\.)+)"\])/g;

/** The fields of vendor records that an inbound mapping reads, by their first name: of `src.Account.Name`, `Account`. */
export function fieldsRead(document: MappingDocument, stream: string): readonly FieldRead[] {
  const streams = new Map([
    ['src', stream],
    ...Object.entries(document.include ?? {}).map(
      ([alias, include]) => [alias, include.stream] as const,
    ),
  ]);
  const found = new Map<string, { stream: string; field: string; rows: Set<string> }>();
  for (const { name, paths, expressions } of partsOf(document)) {
    const note = (root: string, field: string): void => {
      const of = streams.get(root);
      if (of === undefined) return;
      const read = found.get(`${of}/${field}`) ?? { stream: of, field, rows: new Set() };
      found.set(`${of}/${field}`, read);
      read.rows.add(name);
    };
    for (const path of paths) {
      const { root, segments } = parsePath(path) ?? { root: '', segments: [] };
      const [first] = segments;
      if (typeof first === 'string') note(root, first);
    }
    for (const text of expressions) {
      for (const [, root = '', plain, quoted] of text.matchAll(MEMBER))
        note(root, plain ?? quoted ?? '');
    }
  }
  return [...found.values()].map(({ rows, ...read }) => ({ ...read, rows: [...rows] }));
}

/**
 * The texts that a mapping tells values apart by: an option of a picklist among them is one that it knows by name. Those
 * of a `pick` that fails without a match are not among them: it says itself what it misses.
 */
export function textsNamed(document: MappingDocument): ReadonlySet<string> {
  const parts = partsOf(document);
  const quoted = parts.flatMap(({ expressions }) =>
    expressions.flatMap((text) =>
      [...text.matchAll(QUOTED)].map(([, double, single]) => double ?? single ?? ''),
    ),
  );
  const picked = Object.values(document.fields).flatMap((row) =>
    isEachRow(row) || row.onMissing === 'error' ? [] : picksOf(row).flatMap(Object.keys),
  );
  return new Set([...quoted, ...picked]);
}

/** What one row, or another part of a mapping, says in paths and expressions. */
interface Part {
  readonly name: string;
  readonly paths: readonly string[];
  readonly expressions: readonly string[];
}

function partsOf({ include, forEach, when, fields }: MappingDocument): readonly Part[] {
  const includes = Object.values(include ?? {}).map(({ id }) => id);
  const rows = Object.entries(fields).flatMap(([name, row]): readonly Part[] =>
    isEachRow(row)
      ? []
      : [{ name, paths: pathsOf(row), expressions: row.expr === undefined ? [] : [row.expr] }],
  );
  return [
    { name: 'include', paths: includes, expressions: [] },
    { name: 'when', paths: [], expressions: when === undefined ? [] : [when] },
    {
      name: 'forEach',
      paths: forEach === undefined ? [] : [forEach.items],
      expressions: forEach?.when === undefined ? [] : [forEach.when],
    },
    ...rows,
  ];
}

function pathsOf({ from, lookup, steps }: Row): readonly string[] {
  return [
    ...(from === undefined ? [] : [from]),
    ...(typeof lookup === 'object' ? [lookup.key] : []),
    ...(steps ?? []).flatMap((step) =>
      typeof step === 'string'
        ? []
        : Object.values(step).filter((each) => typeof each === 'string'),
    ),
  ];
}

function picksOf({ steps }: Row): readonly object[] {
  return (steps ?? []).flatMap((step) => {
    const pick = typeof step === 'string' ? undefined : step['pick'];
    return typeof pick === 'object' && pick !== null && !Array.isArray(pick) ? [pick] : [];
  });
}

/** What an outbound mapping writes: fields of the target by their first name, and the constants that rows name. */
export function fieldsWritten(
  document: MappingDocument,
  object: string,
): { readonly reads: readonly FieldRead[]; readonly texts: ReadonlySet<string> } {
  const rows = Object.entries(document.fields).filter(
    ([, row]) => isEachRow(row) || row.sync !== 'dont-sync',
  );
  const byField = Map.groupBy(rows, ([name]) => name.split('.')[0] ?? name);
  const texts = rows.flatMap(([, row]) => {
    if (isEachRow(row)) return [];
    const quoted = [...(row.expr ?? '').matchAll(QUOTED)].map(([, left, right]) => left ?? right);
    return [row.value, row.default, ...quoted, ...picksOf(row).flatMap(Object.values)];
  });
  return {
    reads: [...byField].map(([field, of]) => ({
      stream: object,
      field,
      rows: of.map(([name]) => name),
    })),
    texts: new Set(texts.filter((text) => typeof text === 'string')),
  };
}
