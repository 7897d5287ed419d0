import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';

/** What a row can see: `src`, `record`, `run`, the included records by alias and the item of a loop. */
export type Scope = Record<string, Json | undefined>;

export type PathGetter = (scope: Scope) => Json | undefined;

type Segment = string | number;

/** A path with its parts: `src.lines[0]["odd key"]` is root `src` and three segments. */
export interface ParsedPath {
  readonly root: string;
  readonly segments: readonly Segment[];
}

const ROOT = /^[A-Za-z_][A-Za-z0-9_]*/;
const SEGMENT = /^(?:\.([A-Za-z_$@][A-Za-z0-9_$@-]*)|\[(\d{1,6})\]|\["((?:[^"\\]|\\["\\])+)"\])/;
const MAX_PATH = 500;

/** Reads a path, or null if the text is not one. */
export function parsePath(text: string): ParsedPath | null {
  const root = text.length <= MAX_PATH ? ROOT.exec(text)?.[0] : undefined;
  if (root === undefined) return null;
  const segments: Segment[] = [];
  let rest = text.slice(root.length);
  while (rest !== '') {
    const match = SEGMENT.exec(rest);
    if (match === null) return null;
    const [all, name, index, quoted] = match;
    segments.push(
      name ?? (index === undefined ? (quoted ?? '').replace(/\\(.)/g, '$1') : Number(index)),
    );
    rest = rest.slice(all.length);
  }
  return { root, segments };
}

/**
 * Compiles a path into a function. It follows own properties only: what an object inherits (`constructor`,
 * `toString`) is as absent as a field that the record does not have, and lists answer to indexes alone.
 * Throws a ValidationError if the text is not a path.
 */
export function compilePath(text: string): PathGetter {
  const path = parsePath(text);
  if (path === null) throw new ValidationError(`"${text}" is not a path such as src.Account.Name.`);
  const { root, segments } = path;
  const [first, second] = segments;
  if (first === undefined) return (scope) => scope[root];
  // Nine rows in ten read one field of the record itself.
  if (segments.length === 1 && root === 'src') return (scope) => step(scope['src'], first);
  if (segments.length === 1) return (scope) => step(scope[root], first);
  if (segments.length === 2 && second !== undefined) {
    return (scope) => step(step(scope[root], first), second);
  }
  return (scope) => {
    let value = scope[root];
    for (const segment of segments) {
      if (value === undefined) return undefined;
      value = step(value, segment);
    }
    return value;
  };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function step(value: Json | undefined, segment: Segment): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isList(value)) return typeof segment === 'number' ? value[segment] : undefined;
  if (typeof segment === 'number') return undefined;
  return Object.hasOwn(value, segment) ? value[segment] : undefined;
}
