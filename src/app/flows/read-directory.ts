import {
  countResources,
  getResource,
  listResources,
  type DirectoryLookup,
  type DirectoryResource,
} from '../../intake/directory-resources.ts';
import type { DirectoryKind } from '../../intake/directory-landing.ts';
import { groupsOf, membersOf, type Membership } from '../../intake/directory-members.ts';
import type { TenantTx } from '../../db/store.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { DirectoryCaller } from '../../security/directory-tokens.ts';
import type { Deps } from '../deps.ts';

export type { DirectoryKind, DirectoryLookup };

/** A user or group as the identity provider may see it. */
export interface DirectoryEntry extends DirectoryResource {
  /** Members of a group; empty where they were not asked for. */
  readonly members: readonly string[];
  /** Groups that the resource is a direct member of. */
  readonly groups: readonly Membership[];
  /** What is near a limit through the change that gave this; absent where nothing changed. */
  readonly warnings?: readonly string[];
}

export interface DirectoryQuery {
  readonly kind: DirectoryKind;
  /** What can be looked up; what else is asked is judged by `accept`. */
  readonly lookup: DirectoryLookup;
  /** Judges an entry; absent: all that fit the lookup are wanted. */
  readonly accept?: ((entry: DirectoryEntry) => boolean) | undefined;
  /** How many of those that fit come before the first one wanted. */
  readonly skip: number;
  readonly limit: number;
  /** Ids after this one only; empty for the start. */
  readonly after: string;
  /** Whether members are given; judging by members needs them too. */
  readonly withMembers: boolean;
}

export interface DirectoryPage {
  /** All that fit, on this page or not. */
  readonly total: number;
  readonly entries: readonly DirectoryEntry[];
  /** True if more follow after the last entry. */
  readonly more: boolean;
}

/** Resources that are held in memory at a time while a filter judges them. */
const BATCH = 200;
/** Resources that a filter is tried on; a scan of more would hold its snapshot, and a connection, for too long. */
const MOST_JUDGED = 20_000;
/** Members that are read while a filter is tried on groups. */
const MOST_JUDGED_MEMBERS = 1_000_000;

/** One user or group. Throws NotFoundError. */
export function getDirectoryEntry(
  deps: Deps,
  caller: DirectoryCaller,
  place: { readonly kind: DirectoryKind; readonly id: string; readonly withMembers: boolean },
): Promise<DirectoryEntry> {
  const { connection } = caller;
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const resource = await getResource(tx, { connection, kind: place.kind, id: place.id });
    return await entryOf(tx, connection, resource, place.withMembers);
  });
}

/**
 * A page of users or groups in the order in which they were made, on one snapshot. Throws ValidationError for a filter
 * that would have to be tried on too many (RFC 7644 §3.12, tooMany).
 */
export function listDirectoryEntries(
  deps: Deps,
  caller: DirectoryCaller,
  query: DirectoryQuery,
): Promise<DirectoryPage> {
  const { connection, tenantId } = caller;
  return deps.store.readTenant(tenantId, (tx) =>
    query.accept === undefined
      ? listPlain(tx, connection, query)
      : listJudged(tx, connection, query, query.accept),
  );
}

async function listPlain(
  tx: TenantTx,
  connection: string,
  query: DirectoryQuery,
): Promise<DirectoryPage> {
  const { kind, lookup, skip, limit, after } = query;
  const total = await countResources(tx, connection, kind, lookup);
  // One more than asked tells whether a next page holds anything.
  const page = { lookup, after, skip, limit: limit + 1 };
  const found = limit === 0 ? [] : await listResources(tx, connection, kind, page);
  const entries = await entriesOf(tx, connection, found.slice(0, limit), query.withMembers);
  return { total, entries, more: found.length > limit };
}

async function listJudged(
  tx: TenantTx,
  connection: string,
  query: DirectoryQuery,
  accept: (entry: DirectoryEntry) => boolean,
): Promise<DirectoryPage> {
  const { kind, lookup } = query;
  // Counted first: what has to be refused is refused before it costs anything.
  const judged = await countResources(tx, connection, kind, lookup);
  if (judged > MOST_JUDGED) throw tooMany(kind);
  const entries: DirectoryEntry[] = [];
  let total = 0;
  let members = 0;
  let past = 0;
  for await (const entry of everyEntry(tx, connection, query)) {
    members += entry.members.length;
    if (members > MOST_JUDGED_MEMBERS) throw tooMany(kind);
    if (!accept(entry)) continue;
    total += 1;
    if (entry.id <= query.after) continue;
    past += 1;
    if (past > query.skip && entries.length < query.limit) entries.push(entry);
  }
  return { total, entries, more: past > query.skip + entries.length && query.limit > 0 };
}

function tooMany(kind: DirectoryKind): ValidationError {
  const keys =
    kind === 'Users' ? 'id, userName or externalId' : 'id, displayName, externalId or members';
  return new ValidationError(
    `This filter would have to be tried on more than ${MOST_JUDGED.toLocaleString('en')} ${kind.toLowerCase()} or ${MOST_JUDGED_MEMBERS.toLocaleString('en')} members. An index answers eq of ${keys}, alone or joined to others by "and". Narrow the filter so, or list without one.`,
    { details: { scimType: 'tooMany' } },
  );
}

async function* everyEntry(
  tx: TenantTx,
  connection: string,
  { kind, lookup, withMembers }: DirectoryQuery,
): AsyncGenerator<DirectoryEntry> {
  let after = '';
  for (;;) {
    const batch = await listResources(tx, connection, kind, {
      lookup,
      after,
      skip: 0,
      limit: BATCH,
    });
    // Groups come one at a time: each may have 50,000 members.
    const alone = withMembers && kind === 'Groups';
    for (const some of alone ? batch.map((each) => [each]) : [batch]) {
      yield* await entriesOf(tx, connection, some, withMembers);
    }
    const last = batch.at(-1);
    if (last === undefined || batch.length < BATCH) return;
    after = last.id;
  }
}

async function entryOf(
  tx: TenantTx,
  connection: string,
  resource: DirectoryResource,
  withMembers: boolean,
): Promise<DirectoryEntry> {
  const [entry = { ...resource, members: [], groups: [] }] = await entriesOf(
    tx,
    connection,
    [resource],
    withMembers,
  );
  return entry;
}

async function entriesOf(
  tx: TenantTx,
  connection: string,
  resources: readonly DirectoryResource[],
  withMembers: boolean,
): Promise<readonly DirectoryEntry[]> {
  const users = resources.filter(({ kind }) => kind === 'Users').map(({ id }) => id);
  const memberships = users.length === 0 ? [] : await groupsOf(tx, connection, users);
  const groups = Map.groupBy(memberships, ({ memberId }) => memberId);
  const entries: DirectoryEntry[] = [];
  for (const resource of resources) {
    const { id, kind } = resource;
    const wanted = withMembers && kind === 'Groups';
    const members = wanted ? await membersOf(tx, { connection, id }) : [];
    entries.push({ ...resource, members, groups: groups.get(id) ?? [] });
  }
  return entries;
}
