import type * as z from 'zod';
import { kindOfType, type DescribedField, type DescribedObject, type Kind } from './described.ts';

/** What a check knows of a value: its kind and its members. */
export interface Shape {
  readonly kind: Kind;
  /** The vendor's type name, for messages; null where nobody described it. */
  readonly type: string | null;
  /** Values of a picklist; empty for everything else. */
  readonly options: readonly string[];
  /** True for a field that the system alone fills. */
  readonly readOnly: boolean;
  /** The names of its members, for "did you mean". */
  readonly names: readonly string[];
  /** The schema of a value of ours; null for a vendor's. */
  readonly schema: z.ZodType | null;
  /** A member's shape; null if there certainly is none. */
  member(name: string): Shape | null;
  /** The shape of the items of a list. */
  item(): Shape;
}

/** Nothing is known. */
export const ANYTHING: Shape = {
  kind: 'any',
  type: null,
  options: [],
  readOnly: false,
  names: [],
  schema: null,
  member: () => ANYTHING,
  item: () => ANYTHING,
};

/** A value of a known kind without members. */
export function shapeOfKind(kind: Kind, options: readonly string[] = []): Shape {
  return { ...ANYTHING, kind, options };
}

/** A record with exactly these members. */
export function shapeOfRecord(members: Readonly<Record<string, Shape>>): Shape {
  return {
    ...ANYTHING,
    kind: 'object',
    names: Object.keys(members),
    member: (name) => (Object.hasOwn(members, name) ? (members[name] ?? null) : null),
  };
}

/**
 * A record of a described object. Systems spell a field in one case where they describe it and in another where they
 * give it, so case is no matter. `Name.givenName` and `urn:…:User:department` are members of a member.
 */
export function shapeOfObject({ fields, seen = [] }: DescribedObject): Shape {
  const byName = new Map(
    Object.entries(fields).map(([name, field]) => [name.toLowerCase(), field]),
  );
  const beside = new Set(seen.map((name) => name.toLowerCase()));
  return {
    ...ANYTHING,
    kind: 'object',
    names: [...Object.keys(fields), ...seen],
    member: (name) => {
      const key = name.toLowerCase();
      const field = byName.get(key);
      const parts = partsBelow(byName, key);
      if (field !== undefined) return shapeOfField(field, parts);
      if (parts.size === 0) return beside.has(key) ? ANYTHING : null;
      const inner = shapeOfObject({ fields: Object.fromEntries(parts) });
      // A part may be described where its whole is not, as `meta.lastModified` of SCIM; records then hold more of it.
      return beside.has(key)
        ? { ...inner, member: (part) => inner.member(part) ?? ANYTHING }
        : inner;
    },
  };
}

function partsBelow(
  byName: ReadonlyMap<string, DescribedField>,
  key: string,
): ReadonlyMap<string, DescribedField> {
  const below = [...byName].filter(
    ([name]) => name.startsWith(`${key}.`) || name.startsWith(`${key}:`),
  );
  return new Map(below.map(([name, field]) => [name.slice(key.length + 1), field]));
}

function shapeOfField(field: DescribedField, parts: ReadonlyMap<string, DescribedField>): Shape {
  const { type, options = [], readOnly = false } = field;
  const kind = kindOfType(type);
  const own = { ...ANYTHING, kind, type, options, readOnly };
  if (parts.size === 0) return kind === 'list' ? { ...own, item: () => ANYTHING } : own;
  const inner = shapeOfObject({ fields: Object.fromEntries(parts) });
  return kind === 'list'
    ? { ...own, item: () => inner }
    : { ...own, names: inner.names, member: (name) => inner.member(name) };
}

/** What is read of zod's own description of a schema (`_zod.def`). */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly entries?: Readonly<Record<string, string>>;
}

const ZOD_KINDS: Readonly<Record<string, Kind>> = {
  string: 'text',
  enum: 'text',
  literal: 'any',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'object',
};

/** A value that fits one of our schemas. Members that the schema does not list are certainly not there. */
export function shapeOfSchema(given: z.ZodType): Shape {
  let schema = given;
  let definition = schema._zod.def as unknown as Definition;
  while (definition.innerType !== undefined) {
    schema = definition.innerType;
    definition = schema._zod.def as unknown as Definition;
  }
  const { type, element, shape, entries } = definition;
  return {
    ...ANYTHING,
    kind: ZOD_KINDS[type] ?? 'any',
    schema,
    options: entries === undefined ? [] : Object.values(entries),
    names: Object.keys(shape ?? {}),
    member: (name) => {
      if (shape === undefined) return ANYTHING;
      const member = Object.hasOwn(shape, name) ? shape[name] : undefined;
      return member === undefined ? null : shapeOfSchema(member);
    },
    item: () => (element === undefined ? ANYTHING : shapeOfSchema(element)),
  };
}
