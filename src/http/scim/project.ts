import type { Json, JsonObject } from '../../kernel/hash.ts';
import { readAttributePath, type AttributePath } from './attribute-path.ts';
import { isObject } from './match-filter.ts';
import type { ResourceType } from './schemas.ts';
import { scimError } from './scim-error.ts';

/** Which attributes a caller wants (RFC 7644 §3.9): these, or all but these. */
export interface Projection {
  readonly mode: 'all' | 'only' | 'without';
  readonly paths: readonly AttributePath[];
}

/** Whatever is asked, an answer has these. */
const ALWAYS = ['schemas', 'id'];

/** Reads `attributes` and `excludedAttributes`, which exclude each other. Throws invalidValue. */
export function readProjection(
  wanted: readonly string[],
  unwanted: readonly string[],
  type: ResourceType,
): Projection {
  if (wanted.length > 0 && unwanted.length > 0) {
    throw scimError(400, 'invalidValue', 'Ask for attributes or for excludedAttributes, not both.');
  }
  const paths = [...wanted, ...unwanted].map((text) => {
    const path = readAttributePath(text, type);
    if (path !== null) return path;
    throw scimError(400, 'invalidValue', 'An attribute is spelled as none can be.');
  });
  const mode = wanted.length > 0 ? 'only' : unwanted.length > 0 ? 'without' : 'all';
  return { mode, paths };
}

/** True if an answer of this projection shows the attribute. */
export function shows({ mode, paths }: Projection, name: string): boolean {
  const named = (part: boolean): boolean =>
    paths.some((path) => path.extension === null && path.name === name && (part || path.sub === null)); // prettier-ignore
  return mode === 'all' || (mode === 'only' ? named(true) : !named(false));
}

/** The part of a resource that is asked for. */
export function project(resource: JsonObject, { mode, paths }: Projection): JsonObject {
  if (mode === 'all') return resource;
  const keep = mode === 'only';
  const own = paths.filter((path) => path.extension === null);
  const core = pick(resource, own, keep);
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(resource)) {
    if (ALWAYS.includes(key)) result[key] = value;
    else if (/^urn:/i.test(key) && isObject(value)) {
      const inside = extensionPart(value, key, paths, keep);
      if (inside !== null) result[key] = inside;
    } else if (core[key] !== undefined) result[key] = core[key];
  }
  return result;
}

function extensionPart(
  extension: JsonObject,
  urn: string,
  paths: readonly AttributePath[],
  keep: boolean,
): JsonObject | null {
  const own = paths.filter((path) => path.extension?.toLowerCase() === urn.toLowerCase());
  if (own.some((path) => path.name === null)) return keep ? extension : null;
  const picked = pick(extension, own, keep);
  return Object.keys(picked).length === 0 ? null : picked;
}

/** Keeps the members that the paths name, or takes them away. */
function pick(object: JsonObject, paths: readonly AttributePath[], keep: boolean): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    const own = paths.filter((path) => path.name?.toLowerCase() === key.toLowerCase());
    const isWhole = own.some((path) => path.sub === null);
    if (own.length === 0 || isWhole) {
      if (keep === isWhole) result[key] = value;
      continue;
    }
    result[key] = pickParts(value, new Set(own.map((path) => path.sub ?? '')), keep);
  }
  return result;
}

function pickParts(value: Json, names: ReadonlySet<string>, keep: boolean): Json {
  if (Array.isArray(value)) return value.map((each: Json) => pickParts(each, names, keep));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => names.has(key) === keep));
}
