import type * as z from 'zod';
import type { Json } from '../kernel/hash.ts';

/** True if the value certainly fits; false if zod must say what is wrong. */
type Fits = (value: Json) => boolean;

/** A noun's schema as straight-line checks, for the many records that fit. */
export interface BodyCheck {
  /**
   * True if every given field fits and none that is needed is missing; the defaults are then filled in.
   * False means "ask zod", which alone words the problem.
   */
  complete(body: Record<string, Json>): boolean;
}

interface FieldCheck {
  readonly name: string;
  readonly fits: Fits;
  readonly required: boolean;
  readonly fallback: Json | undefined;
}

/**
 * Compiles the schema of a noun. Null if it has rules across fields or a field of a kind that is not known here: zod
 * then checks every record. A test holds both to the same answers.
 */
export function compileCheck(noun: z.ZodObject): BodyCheck | null {
  if ((noun._zod.def.checks ?? []).length > 0) return null;
  const fields: FieldCheck[] = [];
  const shape: Readonly<Record<string, z.ZodType>> = noun.shape;
  for (const [name, schema] of Object.entries(shape)) {
    const fits = fitsOf(definitionOf(schema));
    if (fits === null) return null;
    const absent = schema.safeParse(undefined);
    const fallback = absent.success ? (absent.data as Json | undefined) : undefined;
    fields.push({ name, fits, required: !absent.success, fallback });
  }
  return { complete: (body) => complete(fields, body) };
}

function complete(fields: readonly FieldCheck[], body: Record<string, Json>): boolean {
  for (const { name, fits, required, fallback } of fields) {
    const value = body[name];
    if (value !== undefined) {
      if (!fits(value)) return false;
    } else if (required) return false;
    else if (fallback !== undefined)
      body[name] = Array.isArray(fallback) ? [...fallback] : fallback;
  }
  return true;
}

/** What is read of zod's own description of a schema (`_zod.def`). */
interface Definition {
  readonly type: string;
  readonly innerType?: { readonly _zod: { readonly def: Definition } };
  readonly element?: { readonly _zod: { readonly def: Definition } };
  readonly entries?: Readonly<Record<string, string>>;
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
  readonly check?: string;
}

interface Check {
  readonly check: string;
  readonly format?: string;
  readonly pattern?: RegExp;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly fn?: (value: unknown) => unknown;
}

function definitionOf(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

function fitsOf(definition: Definition): Fits | null {
  switch (definition.type) {
    case 'optional':
    case 'default':
      return definition.innerType === undefined ? null : fitsOf(definition.innerType._zod.def);
    case 'string':
      return checked((value) => typeof value === 'string', definition);
    case 'number':
      return checked((value) => typeof value === 'number' && Number.isFinite(value), definition);
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'enum': {
      const members = new Set<Json>(Object.values(definition.entries ?? {}));
      return (value) => members.has(value);
    }
    case 'array': {
      const element = definition.element === undefined ? null : fitsOf(definition.element._zod.def);
      if (element === null || (definition.checks ?? []).length > 0) return null;
      return (value) => Array.isArray(value) && value.every(element);
    }
    default:
      return null;
  }
}

/** A base type with its checks; null as soon as one check is not known. */
function checked(base: Fits, definition: Definition): Fits | null {
  // A format such as z.iso.datetime() is a string whose definition is its own check.
  const own = definition.check === undefined ? [] : [definition as unknown as Check];
  const checks = [...own, ...(definition.checks ?? []).map((check) => check._zod.def)];
  const all: Fits[] = [];
  for (const check of checks) {
    const fits = fitsCheck(check);
    if (fits === null) return null;
    all.push(fits);
  }
  const [first, second] = all;
  if (first === undefined) return base;
  if (second === undefined) return (value) => base(value) && first(value);
  return (value) => base(value) && all.every((fits) => fits(value));
}

/** Formats that zod checks by their pattern and by nothing else. */
const PATTERN_FORMATS = new Set(['regex', 'datetime', 'date']);

function fitsCheck(check: Check): Fits | null {
  const { pattern, fn, minimum, maximum, value: bound } = check;
  switch (check.check) {
    case 'string_format':
      return pattern !== undefined && PATTERN_FORMATS.has(check.format ?? '')
        ? (value) => typeof value === 'string' && pattern.test(value)
        : null;
    case 'min_length':
      return minimum === undefined
        ? null
        : (value) => typeof value === 'string' && value.length >= minimum;
    case 'max_length':
      return maximum === undefined
        ? null
        : (value) => typeof value === 'string' && value.length <= maximum;
    case 'number_format':
      return check.format === 'safeint' ? (value) => Number.isSafeInteger(value) : null;
    case 'greater_than':
      return bound === undefined
        ? null
        : (value) => (check.inclusive === true ? Number(value) >= bound : Number(value) > bound);
    case 'custom':
      return fn === undefined ? null : (value) => fn(value) === true;
    default:
      return null;
  }
}
