import type { TenantTx } from '../../db/store.ts';
import { landPush, type DirectoryKind } from '../../intake/directory-landing.ts';
import { countMembers, groupsOf, membersOf, setMembers } from '../../intake/directory-members.ts';
import {
  deleteResource,
  getResource,
  insertResource,
  replaceResource,
  type DirectoryDocument,
  type DirectoryResource,
} from '../../intake/directory-resources.ts';
import { lockDirectory } from '../../intake/directory.ts';
import { hashJson, type JsonObject } from '../../kernel/hash.ts';
import type { SourceRecord, UnreadableRecord } from '../../sdk/record.ts';
import type { DirectoryCaller } from '../../security/directory-tokens.ts';
import { auditChanged, auditCreated, auditRemoved } from '../audit-push.ts';
import type { Deps } from '../deps.ts';
import { admitMembers, admitSeats, keepRefusedSeats } from '../pushed-seats.ts';
import { mapWork, request } from '../request.ts';
import { requireOpen } from '../require-open.ts';
import type { DirectoryEntry } from './read-directory.ts';

export type { DirectoryDocument };

/** A change of one user or group. */
export interface DirectoryChange {
  readonly kind: DirectoryKind;
  readonly id: string;
  /** Throws what the request's conditions make of the version that there is. */
  readonly expect: (version: number) => void;
}

/** Groups of more members than this are kept whole and land without effect: a record has a size that mapping can bear. */
const MOST_LANDED_MEMBERS = 10_000;

/**
 * Takes in a new user or group: it is kept, has landed and is asked to be mapped in one transaction, or nothing of it
 * is there. Throws StaleError for a user name that is taken and ValidationError for a member that is nobody.
 */
export async function createDirectoryEntry(
  deps: Deps,
  caller: DirectoryCaller,
  kind: DirectoryKind,
  document: DirectoryDocument,
): Promise<DirectoryEntry> {
  const { connection } = caller;
  return await change(deps, caller, async (tx) => {
    const resource = await insertResource(tx, { connection, kind }, document.data);
    const data = { id: resource.id, before: {}, after: document.data };
    // No right is set aside for a group that is new.
    const warnings = kind === 'Users' ? await admitSeats(deps, tx, caller, data) : [];
    await setMembers(tx, { connection, id: resource.id }, [], document.members);
    await land(deps, tx, connection, resource);
    await auditCreated(tx, caller, resource, document.members);
    return { ...resource, members: document.members, groups: [], warnings };
  });
}

/**
 * Changes a user or group; `next` gives what it shall be from what it is. A change that changes nothing leaves the
 * version and lands nothing. Throws NotFoundError, and what `expect` and `next` throw.
 */
export async function changeDirectoryEntry(
  deps: Deps,
  caller: DirectoryCaller,
  { kind, id, expect }: DirectoryChange,
  next: (before: DirectoryDocument) => DirectoryDocument,
): Promise<DirectoryEntry> {
  const { connection } = caller;
  return await change(deps, caller, async (tx) => {
    const before = await getResource(tx, { connection, kind, id });
    expect(before.version);
    const members = kind === 'Groups' ? await membersOf(tx, { connection, id }) : [];
    const wanted = next({ data: before.data, members });
    const data = { id, before: before.data, after: wanted.data };
    const group = { connection, id, before: members, after: wanted.members };
    const warnings = await (kind === 'Users'
      ? admitSeats(deps, tx, caller, data)
      : admitMembers(deps, tx, group));
    const moved = await setMembers(tx, { connection, id }, members, wanted.members);
    const regrouped = moved.joined.length + moved.left.length > 0;
    const same = hashJson(wanted.data) === hashJson(before.data);
    const after =
      same && !regrouped ? before : await replaceResource(tx, connection, before, wanted.data);
    if (after !== before) {
      await land(deps, tx, connection, after);
      await auditChanged(tx, caller, before, { before: before.data, after: after.data, moved });
    }
    const groups = kind === 'Users' ? await groupsOf(tx, connection, [id]) : [];
    return { ...after, members: wanted.members, groups, warnings };
  });
}

/** Takes a user or group away; it lands as a tombstone, and the groups that it was in land anew. Throws NotFoundError. */
export async function removeDirectoryEntry(
  deps: Deps,
  caller: DirectoryCaller,
  { kind, id, expect }: DirectoryChange,
): Promise<void> {
  const { connection } = caller;
  await change(deps, caller, async (tx) => {
    const before = await getResource(tx, { connection, kind, id });
    expect(before.version);
    const members = kind === 'Groups' ? await membersOf(tx, { connection, id }) : [];
    const memberships = await groupsOf(tx, connection, [id]);
    await deleteResource(tx, { connection, kind, id });
    if (kind === 'Users')
      await admitSeats(deps, tx, caller, { id, before: before.data, after: {} });
    else await admitMembers(deps, tx, { connection, id, before: members, after: [] });
    const page = { connection, kind, records: [tombstone(before)], unreadable: [] };
    await landAndMap(deps, tx, page);
    for (const { groupId } of memberships) {
      const group = await getResource(tx, { connection, kind: 'Groups', id: groupId });
      await land(deps, tx, connection, await replaceResource(tx, connection, group, group.data));
    }
    const groups = memberships.map(({ groupId }) => groupId);
    await auditRemoved(tx, caller, before, { members, groups });
  });
}

/**
 * Pushes of one directory come one after the other. One that was let in before its directory was paused or removed does
 * not land after it.
 */
async function change<T>(
  deps: Deps,
  caller: DirectoryCaller,
  work: (tx: TenantTx) => Promise<T>,
): Promise<T> {
  try {
    return await deps.store.withTenant(
      caller.tenantId,
      async (tx) => {
        requireOpen(await lockDirectory(tx, caller.connection));
        return await work(tx);
      },
      { retry: true },
    );
  } catch (error) {
    await keepRefusedSeats(deps, caller, error);
    throw error;
  }
}

async function land(
  deps: Deps,
  tx: TenantTx,
  connection: string,
  resource: DirectoryResource,
): Promise<void> {
  const { kind, id } = resource;
  const group = { connection, id };
  if (kind === 'Groups' && (await countMembers(tx, group)) > MOST_LANDED_MEMBERS) {
    return await landAndMap(deps, tx, {
      connection,
      kind,
      records: [],
      unreadable: [tooManyMembers(id)],
    });
  }
  const members = kind === 'Groups' ? await membersOf(tx, group) : [];
  const records = [recordOf(resource, members)];
  await landAndMap(deps, tx, { connection, kind, records, unreadable: [] });
}

async function landAndMap(
  deps: Deps,
  tx: TenantTx,
  page: Parameters<typeof landPush>[1],
): Promise<void> {
  const { changed, runId, pageNumber } = await landPush(tx, page);
  if (changed) await request(deps, tx, [mapWork(runId, page.kind, pageNumber)]);
}

/** As a SCIM service would show it to whoever reads it, so that one mapping serves both ways. */
function recordOf(resource: DirectoryResource, members: readonly string[]): SourceRecord {
  const { id, kind, createdAt, modifiedAt } = resource;
  const stamp = modifiedAt.toISOString();
  const meta = { resourceType: kind === 'Users' ? 'User' : 'Group', created: createdAt.toISOString(), lastModified: stamp }; // prettier-ignore
  const data: JsonObject = {
    ...resource.data,
    id,
    meta,
    ...(kind === 'Groups' ? { members: members.map(memberOf) } : {}),
  };
  return { id, stamp, deleted: false, data };
}

function memberOf(value: string): JsonObject {
  return value.startsWith('dgr_') ? { value, type: 'Group' } : { value };
}

function tombstone({ id }: DirectoryResource): SourceRecord {
  return { id, stamp: null, deleted: true, data: { id } };
}

function tooManyMembers(id: string): UnreadableRecord {
  return {
    id,
    code: 'record_too_large',
    reason: `The group has more than ${MOST_LANDED_MEMBERS.toLocaleString('en')} members. It is kept for the identity provider, but its facts stay as they were.`,
    outcome: 'quarantined',
  };
}
