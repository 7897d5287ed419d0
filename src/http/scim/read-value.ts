import type { Json, JsonObject } from '../../kernel/hash.ts';
import { attributeNamed, type Attribute } from './attribute.ts';
import { isObject } from './match-filter.ts';
import { scimError } from './scim-error.ts';

/** Names and keys are looked up by an index, whose entries have a size. */
const MOST_KEY_CHARACTERS = 500;
const KEYS: ReadonlySet<string> = new Set(['userName', 'displayName', 'externalId']);

/**
 * The value of an attribute in the form in which we keep it; undefined for one that is unassigned (RFC 7643 §2.5).
 * Taken as meant: "True" and "False" for a boolean, one value for a list of one, and a text for an object that has a
 * value (as Entra ID writes a manager). Throws invalidValue.
 */
export function readValue(attribute: Attribute, value: Json): Json | undefined {
  if (value === null) return undefined;
  if (!attribute.multiValued) return readSingle(attribute, value);
  const list: readonly Json[] = Array.isArray(value) ? value : [value];
  const read = list.flatMap((each) => {
    const one = each === null ? undefined : readSingle(attribute, each);
    return one === undefined ? [] : [one];
  });
  requireOnePrimary(attribute, read);
  return read.length === 0 ? undefined : read;
}

/** The members that are attributes, in our spelling; what no schema knows and what is ours alone to say is left out. */
export function readAttributes(attributes: readonly Attribute[], source: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(source)) {
    const attribute = attributeNamed(attributes, key);
    if (attribute === undefined || attribute.mutability === 'readOnly') continue;
    if (Object.hasOwn(result, attribute.name)) {
      throw scimError(400, 'invalidSyntax', `${attribute.name} is given twice.`);
    }
    const read = readValue(attribute, value);
    if (read !== undefined && attribute.returned !== 'never') result[attribute.name] = read;
  }
  return result;
}

function readSingle(attribute: Attribute, value: Json): Json | undefined {
  switch (attribute.type) {
    case 'complex':
      return readComplex(attribute, value);
    case 'boolean':
      return readBoolean(attribute, value);
    case 'dateTime':
      if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) return value;
      throw unfit(attribute, 'a time such as 2026-03-02T10:00:00Z');
    case 'string':
    case 'reference':
    case 'binary':
      return readText(attribute, value);
  }
}

function readText(attribute: Attribute, value: Json): string {
  if (typeof value !== 'string') throw unfit(attribute, 'a text');
  if (KEYS.has(attribute.name) && value.length > MOST_KEY_CHARACTERS) {
    throw unfit(attribute, `a text of at most ${MOST_KEY_CHARACTERS} characters`);
  }
  return value;
}

function readBoolean(attribute: Attribute, value: Json): boolean {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (word === 'true' || word === 'false') return word === 'true';
  throw unfit(attribute, 'true or false');
}

function readComplex(attribute: Attribute, value: Json): JsonObject | undefined {
  const { subAttributes } = attribute;
  const whole =
    typeof value === 'string' && attributeNamed(subAttributes, 'value') !== undefined
      ? { value }
      : value;
  if (!isObject(whole)) throw unfit(attribute, 'an object');
  const read = readAttributes(subAttributes, whole);
  return Object.keys(read).length === 0 ? undefined : read;
}

function requireOnePrimary(attribute: Attribute, values: readonly Json[]): void {
  const primary = values.filter((each) => isObject(each) && each['primary'] === true);
  if (primary.length > 1) throw unfit(attribute, 'a list with one primary value at most');
}

function unfit({ name }: Attribute, wanted: string): Error {
  return scimError(400, 'invalidValue', `${name} must be ${wanted}.`);
}
