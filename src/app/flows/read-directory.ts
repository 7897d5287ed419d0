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
import type { DirectoryCaller } from '../../security/directory-tokens.ts';
import type { Deps } from '../deps.ts';

export type { DirectoryKind, DirectoryLookup };

/** A user or group as the identity provider may see it. */
export interface DirectoryEntry extends DirectoryResource {
  /** Members of a group; empty where they were not asked for. */
  readonly members: readonly string[];
  /** Groups that the resource is a direct member of. */
  readonly groups: readonly Membership[];
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

/** A page of users or groups in the order in which they were made, on one snapshot. */
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
  const entries: DirectoryEntry[] = [];
  let total = 0;
  let past = 0;
  for await (const entry of everyEntry(tx, connection, query)) {
    if (!accept(entry)) continue;
    total += 1;
    if (entry.id <= query.after) continue;
    past += 1;
    if (past > query.skip && entries.length < query.limit) entries.push(entry);
  }
  return { total, entries, more: past > query.skip + entries.length && query.limit > 0 };
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
    for (const some of withMembers ? batch.map((each) => [each]) : [batch]) {
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
