import type { Json, JsonObject } from '../kernel/hash.ts';
import { sameJson } from '../mapping/compare-readings.ts';
import { isEachRow, type MappingDocument } from '../mapping/language/mapping-document.ts';
import { directionOf, isProblem } from '../mapping/language/direction.ts';
import { shapeOf } from '../mapping/shape-of.ts';
import type { Registry } from '../registry/load-registry.ts';
import type { Caller } from '../security/caller.ts';

/** A compared field, however much else it carries. */
interface Compared {
  readonly field: string;
  readonly draft: Json;
  readonly live: Json;
  readonly present: Json;
}

/** What one caller may see of the records of one mapping. */
export interface PersonalView {
  /** The field with what the caller may not see in masks; what is equal stays recognizably so by its other members. */
  readonly field: <Field extends Compared>(field: Field) => Field;
  /** A record as it came, likewise. Its keys and the shapes of its values stay. */
  readonly source: (recordId: string, data: JsonObject) => JsonObject;
}

/** Contents of one mapping that say what of it is personal. */
export interface PersonalContents {
  /** What is tried; null where only its results are at hand. */
  readonly draft: MappingDocument | null;
  /** What is in effect, which two people have seen. */
  readonly live: MappingDocument | null;
  readonly shipped: MappingDocument | null;
}

/** Nouns that are about people: an outbound mapping that reads them reads personal data. */
const PERSONAL_NOUNS = new Set(['employment', 'person', 'userAccount', 'userGroup', 'seatAssignment', 'identityLink']); // prettier-ignore

const EVERYTHING: PersonalView = { field: (field) => field, source: (_id, data) => data };

/**
 * What a caller sees of a mapping's records. Who may read personal data (`personal:read`) sees all of it. For others a
 * mapping is personal where its stream is, or where any of its rows is marked `pii`, in effect, as shipped or in the draft:
 * there a draft could read anything of a record into a row with a harmless name, so a draft's value is shown only where its
 * row is the one that is in effect, and the record itself only in masks.
 */
export function personalView(
  registry: Pick<Registry, 'connectors'>,
  caller: Pick<Caller, 'permissions'>,
  connector: string,
  contents: PersonalContents,
): PersonalView {
  if (caller.permissions.has('personal:read')) return EVERYTHING;
  const all = [contents.draft, contents.live, contents.shipped].filter((each) => each !== null);
  const marked = new Set(all.flatMap(markedRows));
  const isPersonal =
    marked.size > 0 || all.some((document) => readsPeople(registry, connector, document));
  if (!isPersonal) return EVERYTHING;
  const { draft, live } = contents;
  const isOpen = (field: string): boolean =>
    !marked.has(field) && live?.fields[field] !== undefined;
  const isSameRow = (field: string): boolean =>
    draft !== null && sameJson(asJson(draft.fields[field]), asJson(live?.fields[field]));
  return {
    field: (field) => {
      const open = isOpen(field.field);
      const seesDraft = open && (isSameRow(field.field) || sameJson(field.draft, field.live));
      return {
        ...field,
        draft: seesDraft ? field.draft : masked(field.draft),
        live: open ? field.live : masked(field.live),
        present: open ? field.present : masked(field.present),
      };
    },
    source: (recordId, data) =>
      Object.fromEntries(
        Object.entries(data).map(([name, value]) => [name, maskedLeaves(value, recordId)]),
      ),
  };
}

function markedRows({ fields }: MappingDocument): readonly string[] {
  return Object.entries(fields).flatMap(([name, row]) =>
    !isEachRow(row) && row.pii === true ? [name] : [],
  );
}

/** A stream that nobody declares, such as one that is pushed, is taken to name people. */
function readsPeople(
  registry: Pick<Registry, 'connectors'>,
  connector: string,
  document: MappingDocument,
): boolean {
  const direction = directionOf(document);
  if (isProblem(direction)) return true;
  if (direction.kind === 'outbound') return PERSONAL_NOUNS.has(direction.document);
  const included = Object.values(document.include ?? {}).map(({ stream }) => stream);
  const declared = registry.connectors.get(connector)?.streams ?? [];
  return [direction.stream, ...included].some(
    (name) => declared.find((stream) => stream.name === name)?.personalData ?? true,
  );
}

/** Blank and true or false stay: they say whether a row does what it should, and hardly who somebody is. */
function masked(value: Json): Json {
  if (value === null || value === '' || typeof value === 'boolean') return value;
  return `•••• (${shapeOf(value)})`;
}

function maskedLeaves(value: Json, recordId: string): Json {
  if (Array.isArray(value))
    return (value as readonly Json[]).map((each) => maskedLeaves(each, recordId));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([name, each]) => [
        name,
        maskedLeaves(each, recordId),
      ]),
    );
  return value === recordId ? value : masked(value);
}

/** Rows are plain data. */
function asJson(row: MappingDocument['fields'][string] | undefined): Json {
  return row === undefined ? null : (JSON.parse(JSON.stringify(row)) as Json);
}
