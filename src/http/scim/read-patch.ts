import type { Json, JsonObject } from '../../kernel/hash.ts';
import { isObject } from './match-filter.ts';
import { scimError } from './scim-error.ts';

/** One operation of a PATCH request, before its path is read. */
export interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string | null;
  /** Undefined if there is none. */
  readonly value: Json | undefined;
}

const PATCH_URN = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const MOST_OPERATIONS = 1000;

/** The operations of a PATCH body. `Add` is `add`, as Entra ID spells it. Throws invalidSyntax. */
export function readPatch(body: JsonObject): readonly Operation[] {
  const { schemas } = body;
  if (!Array.isArray(schemas) || !schemas.includes(PATCH_URN)) {
    throw scimError(400, 'invalidSyntax', `schemas must name ${PATCH_URN}.`);
  }
  const operations = memberOf(body, 'operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw scimError(400, 'invalidSyntax', 'Operations must list what to change.');
  }
  if (operations.length > MOST_OPERATIONS) {
    throw scimError(413, null, `A request has at most ${MOST_OPERATIONS} operations.`);
  }
  return operations.map((each: Json) => readOperation(each));
}

function readOperation(given: Json): Operation {
  if (!isObject(given)) throw scimError(400, 'invalidSyntax', 'An operation must be an object.');
  const word = memberOf(given, 'op');
  const op = typeof word === 'string' ? word.toLowerCase() : null;
  const path = memberOf(given, 'path') ?? null;
  const value = memberOf(given, 'value');
  if (op !== 'add' && op !== 'replace' && op !== 'remove') {
    throw scimError(400, 'invalidSyntax', 'An op is add, replace or remove.');
  }
  if (path !== null && typeof path !== 'string') {
    throw scimError(400, 'invalidPath', 'A path must be a text.');
  }
  if (op === 'remove' && (path === null || path === '')) {
    throw scimError(400, 'noTarget', 'What is to be removed needs a path.');
  }
  if (op !== 'remove' && value === undefined) {
    throw scimError(400, 'invalidValue', `What is to be ${op === 'add' ? 'added' : 'set'} needs a value.`); // prettier-ignore
  }
  return { op, path: path === '' ? null : path, value };
}

function memberOf(object: JsonObject, name: string): Json | undefined {
  const key = Object.keys(object).find((each) => each.toLowerCase() === name);
  return key === undefined ? undefined : object[key];
}
