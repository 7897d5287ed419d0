import type { Json } from '../../kernel/hash.ts';
import { matches } from './match-filter.ts';
import type { Filter, PatchPath } from './parse-filter.ts';
import { isOneValue } from './patch-work.ts';
import type { Operation } from './read-patch.ts';
import { readMembers } from './read-resource.ts';
import type { ResourceType } from './schemas.ts';
import { scimError } from './scim-error.ts';

/**
 * Changes the members of a group in place. They are a set and not a list of objects, so that an operation on a group of
 * 50,000 costs as much as what it names. Removing who is no member is no error: providers send it again.
 */
export function changeMembers(
  members: Set<string>,
  change: {
    readonly op: Operation['op'];
    readonly target: PatchPath;
    readonly value: Json | undefined;
    readonly type: ResourceType;
  },
): void {
  const { op, target, value, type } = change;
  if (
    target.sub !== null ||
    target.path.sub !== null ||
    (target.filter !== null && op !== 'remove')
  ) {
    throw scimError(400, 'mutability', 'A member is added or removed; nothing of it changes.');
  }
  if (target.filter !== null) {
    for (const id of chosen(members, target.filter)) members.delete(id);
    return;
  }
  const given = value === undefined || value === null ? null : readMembers(type, value);
  if (op === 'remove') {
    // Entra ID names who is to go in the value.
    for (const id of given ?? [...members]) members.delete(id);
    return;
  }
  if (op === 'replace') members.clear();
  for (const id of given ?? []) members.add(id);
}

function chosen(members: ReadonlySet<string>, filter: Filter): readonly string[] {
  if (isOneValue(filter)) return [String(filter.value)];
  return [...members].filter((value) =>
    matches(filter, { value, type: value.startsWith('dgr_') ? 'Group' : 'User' }),
  );
}
