import type { Json, JsonObject } from '../kernel/hash.ts';
import type { FieldDescription } from '../sdk/define-connector.ts';

/** What kind of value a field holds, whichever system names it. */
export type ValueFamily =
  | 'text'
  | 'number'
  | 'integer'
  | 'date'
  | 'instant'
  | 'boolean'
  | 'list'
  | 'object'
  | 'unknown';

/** A place that a row could read. */
export interface SourceField {
  /** As a row writes it: `src.CloseDate`, `record.id`. */
  readonly path: string;
  /** Its last name. */
  readonly name: string;
  readonly label: string;
  readonly family: ValueFamily;
  readonly picklist: readonly string[];
  /** Different values of it, as text, at most {@link MOST_VALUES}. */
  readonly values: readonly string[];
  /** True if a sample has it; null where there are no samples. */
  readonly seen: boolean | null;
  /** How deep it lies: 0 for a field of the record itself. */
  readonly depth: number;
  /** True for what stands beside the items that a mapping loops over: it may speak of another thing. */
  readonly isOutside: boolean;
}

/** Different values of one field that are looked at. */
const MOST_VALUES = 50;
const DEEPEST = 3;
const PLAIN = /^[A-Za-z_$@][A-Za-z0-9_$@-]*$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** The families of the type names that Salesforce, NetSuite, SCIM and our own nouns use. */
const FAMILIES: Readonly<Record<string, ValueFamily>> = {
  amount: 'number',
  boolean: 'boolean',
  complex: 'object',
  country: 'text',
  currency: 'number',
  date: 'date',
  'date-time': 'instant',
  datetime: 'instant',
  decimal: 'number',
  double: 'number',
  float: 'number',
  instant: 'instant',
  int: 'integer',
  integer: 'integer',
  list: 'list',
  long: 'integer',
  number: 'number',
  object: 'object',
  percent: 'number',
};

/** The family of a described type. What no table knows is text: ids, picklists, references, long texts. */
export function familyOf(type: string): ValueFamily {
  if (type.endsWith('[]')) return 'list';
  return FAMILIES[type.toLowerCase()] ?? 'text';
}

/**
 * The fields that rows can read below one root (`src`, an included record, the item of a loop): what the system
 * describes, and what samples hold beside it. Names are spelled as the samples spell them.
 */
export function sourceFields(
  root: string,
  described: readonly FieldDescription[],
  samples: readonly JsonObject[],
  isOutside = false,
): readonly SourceField[] {
  const found = new Map<string, SourceField>();
  const sampled = collect(samples);
  const spelled = new Map([...sampled.keys()].map((key) => [key.toLowerCase(), key]));
  for (const field of described) {
    const own = [field.name];
    const key = spelled.get(JSON.stringify(own).toLowerCase());
    const values = key === undefined ? [] : (sampled.get(key) ?? []);
    const segments = key === undefined ? own : (JSON.parse(key) as string[]);
    const path = pathText(root, segments);
    found.set(path.toLowerCase(), {
      path,
      name: field.name,
      label: field.label,
      family: familyOf(field.type),
      picklist: field.picklist,
      values: texts(values),
      seen: samples.length === 0 ? null : key !== undefined,
      depth: 0,
      isOutside,
    });
  }
  for (const [key, values] of sampled) {
    const segments = JSON.parse(key) as string[];
    const path = pathText(root, segments);
    if (found.has(path.toLowerCase())) continue;
    const name = segments.at(-1) ?? '';
    found.set(path.toLowerCase(), {
      path,
      name,
      label: name,
      family: inferred(values),
      picklist: [],
      values: texts(values),
      seen: true,
      depth: segments.length - 1,
      isOutside,
    });
  }
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A path as rows write it. Odd names stand in brackets. */
function pathText(root: string, segments: readonly string[]): string {
  return segments.reduce(
    (path, name) => (PLAIN.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`),
    root,
  );
}

function collect(samples: readonly JsonObject[]): ReadonlyMap<string, readonly Json[]> {
  const found = new Map<string, Json[]>();
  const walk = (value: Json, segments: readonly string[]): void => {
    if (isObject(value)) {
      if (segments.length > DEEPEST) return;
      for (const [name, inner] of Object.entries(value)) walk(inner, [...segments, name]);
      return;
    }
    if (segments.length === 0) return;
    const key = JSON.stringify(segments);
    const values = found.get(key) ?? [];
    values.push(value);
    found.set(key, values);
  };
  for (const sample of samples) walk(sample, []);
  return found;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(values: readonly Json[]): readonly string[] {
  const distinct = new Set<string>();
  for (const value of values) {
    if (value === null || value === '' || typeof value === 'object') continue;
    distinct.add(String(value));
    if (distinct.size >= MOST_VALUES) break;
  }
  return [...distinct];
}

/** What samples look like, where nothing describes the field. */
function inferred(values: readonly Json[]): ValueFamily {
  const kinds = new Set(values.filter((value) => value !== null && value !== '').map(kindOf));
  if (kinds.size === 0) return 'unknown';
  const [only] = kinds;
  if (kinds.size === 1 && only !== undefined) return only;
  return [...kinds].every((kind) => kind === 'integer' || kind === 'number') ? 'number' : 'text';
}

function kindOf(value: Json): ValueFamily {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value !== 'string') return 'list';
  if (DATE.test(value)) return 'date';
  return INSTANT.test(value) ? 'instant' : 'text';
}
