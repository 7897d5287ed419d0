import type { DirectoryDocument } from '../../app/flows/write-directory.ts';
import type { Json, JsonObject } from '../../kernel/hash.ts';
import { attributesOf, canonicalUrn } from './attribute-path.ts';
import { isMembers, isObject } from './match-filter.ts';
import { parsePatchPath, type PatchPath } from './parse-filter.ts';
import { changeAttribute } from './change-attribute.ts';
import { changeMembers } from './change-members.ts';
import { createPatchWork, valuesIn, type PatchWork } from './patch-work.ts';
import type { Operation } from './read-patch.ts';
import { checked, readExtension } from './read-resource.ts';
import type { ResourceType } from './schemas.ts';
import { scimError } from './scim-error.ts';

/** A document while operations change it, one after the other; nothing of it is kept unless all succeed. */
interface Draft {
  readonly type: ResourceType;
  data: JsonObject;
  readonly members: Set<string>;
  readonly work: PatchWork;
}

/**
 * The document after all operations (RFC 7644 §3.5.2), in the forms that Okta (no path, an object of values) and Entra ID
 * (capital ops, paths that do not exist yet) send. Throws invalidPath, invalidValue, mutability, noTarget, tooMany.
 */
export function applyPatch(
  document: DirectoryDocument,
  operations: readonly Operation[],
  type: ResourceType,
): DirectoryDocument {
  const members = new Set(document.members);
  const draft: Draft = { type, data: document.data, members, work: createPatchWork() };
  for (const operation of operations) {
    if (operation.path === null) applyWhole(draft, operation);
    else applyAt(draft, operation, parsePatchPath(operation.path, type));
  }
  return checked({ data: draft.data, members: [...draft.members] }, type);
}

/** Without a path the value is an object of attributes, or of paths, as Okta and Entra ID send it. */
function applyWhole(draft: Draft, { op, value }: Operation): void {
  if (!isObject(value)) {
    throw scimError(400, 'invalidValue', 'Without a path the value is an object of attributes.');
  }
  for (const [key, inner] of Object.entries(value)) {
    if (/^urn:/i.test(key) && isObject(inner) && !isInside(draft, key)) {
      applyExtension(draft, op, canonicalUrn(key, draft.type), inner);
      continue;
    }
    const target = parsePatchPath(key, draft.type);
    const { attribute, parent, extension } = target.path;
    // As in a whole resource: what no schema knows, and what is ours to say, is left out.
    if (extension === null && attribute === null) continue;
    if (attribute?.mutability === 'readOnly' || parent?.mutability === 'readOnly') continue;
    if (attribute?.name === 'schemas') continue;
    applyAt(draft, { op, path: key, value: inner }, target);
  }
}

/** True if the key names an attribute of a known schema, such as `urn:…:User:manager`. */
function isInside({ type }: Draft, key: string): boolean {
  const lower = key.toLowerCase();
  return [type.schema, ...type.extensions].some(({ id }) =>
    lower.startsWith(`${id.toLowerCase()}:`),
  );
}

function applyAt(draft: Draft, { op, value }: Operation, target: PatchPath): void {
  const { path } = target;
  if (path.name === null) {
    return applyExtension(draft, op, path.extension ?? '', value ?? {});
  }
  requireChangeable(target, op, draft.type);
  if (isMembers(path, draft.type.kind)) {
    draft.work.spend(target, draft.members.size);
    return changeMembers(draft.members, { op, target, value, type: draft.type });
  }
  const { extension } = path;
  const held = extension === null ? draft.data : draft.data[extension];
  const base = isObject(held) ? held : {};
  draft.work.spend(target, valuesIn(base, target));
  const changed = changeAttribute(base, { op, target, value });
  draft.data = extension === null ? changed : withExtension(draft.data, extension, changed);
}

function requireChangeable({ path }: PatchPath, op: Operation['op'], type: ResourceType): void {
  const { attribute, extension } = path;
  const hasSchema = attributesOf(type, extension).length > 0;
  if (hasSchema && attribute === null) {
    throw scimError(400, 'invalidPath', `A ${type.name} has no attribute of that path.`);
  }
  const top = path.parent ?? attribute;
  const isReadOnly = top?.mutability === 'readOnly' || attribute?.mutability === 'readOnly';
  const isKept = op === 'remove' && path.sub === null && attribute?.required === true;
  if (isReadOnly || isKept || top?.name === 'schemas') {
    const what = op === 'remove' ? 'removed' : 'changed';
    throw scimError(400, 'mutability', `${path.name ?? 'This'} cannot be ${what}.`);
  }
}

function applyExtension(draft: Draft, op: Operation['op'], urn: string, value: Json): void {
  const { [urn]: before, ...others } = draft.data;
  if (op === 'remove') {
    draft.data = others;
    return;
  }
  const read = readExtension(draft.type, urn, value);
  const unset = isObject(value) ? Object.keys(value).filter((key) => value[key] === null) : [];
  const kept = Object.entries(isObject(before) ? before : {}).filter(
    ([key]) => !unset.some((each) => each.toLowerCase() === key.toLowerCase()),
  );
  draft.data = withExtension(others, urn, { ...Object.fromEntries(kept), ...read });
}

function withExtension(data: JsonObject, urn: string, extension: JsonObject): JsonObject {
  const { [urn]: _, ...others } = data;
  return Object.keys(extension).length === 0 ? others : { ...others, [urn]: extension };
}
