import type { DirectoryEntry, DirectoryKind } from '../../app/flows/read-directory.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { RESOURCE_TYPES } from './schemas.ts';

/** The ETag of a version (RFC 7644 §3.14). Weak: two answers may differ in what was asked of them. */
export function etagOf({ version }: Pick<DirectoryEntry, 'version'>): string {
  return `W/"${version}"`;
}

/** Where a resource is, below the base address of the request. */
export function locationOf(base: string, kind: DirectoryKind, id: string): string {
  return `${base}/${kind}/${encodeURIComponent(id)}`;
}

/** A stored user or group as it is shown: our id, its attributes, what we derive, and its meta data. */
export function present(entry: DirectoryEntry, base: string): JsonObject {
  const type = RESOURCE_TYPES[entry.kind];
  const urns = Object.keys(entry.data).filter((key) => /^urn:/i.test(key));
  return {
    schemas: [type.schema.id, ...urns],
    id: entry.id,
    ...entry.data,
    ...derived(entry, base),
    meta: {
      resourceType: type.name,
      created: entry.createdAt.toISOString(),
      lastModified: entry.modifiedAt.toISOString(),
      location: locationOf(base, entry.kind, entry.id),
      version: etagOf(entry),
    },
  };
}

function derived(entry: DirectoryEntry, base: string): JsonObject {
  if (entry.kind === 'Groups') {
    const members = entry.members.map((value) => member(value, base));
    return members.length === 0 ? {} : { members };
  }
  const groups = entry.groups.map(({ groupId, displayName }) => ({
    value: groupId,
    $ref: locationOf(base, 'Groups', groupId),
    display: displayName,
    type: 'direct',
  }));
  return groups.length === 0 ? {} : { groups };
}

/** Our ids say what they are of. */
function member(value: string, base: string): JsonObject {
  const isGroup = value.startsWith('dgr_');
  return {
    value,
    $ref: locationOf(base, isGroup ? 'Groups' : 'Users', value),
    type: isGroup ? 'Group' : 'User',
  };
}
