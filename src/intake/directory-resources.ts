import type { SqlValue, TenantTx } from '../db/store.ts';
import { NotFoundError, StaleError } from '../kernel/errors.ts';
import { foldCase } from '../kernel/fold-case.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { newId } from '../kernel/ids.ts';
import type { DirectoryKind } from './directory-landing.ts';

/** What the identity provider says of a user or a group; the members of a group stand beside it. */
export interface DirectoryDocument {
  /** Attributes in their canonical spelling, without id, meta and members. */
  readonly data: JsonObject;
  /** Ids of users and groups of the same directory; always empty for a user. */
  readonly members: readonly string[];
}

/** A stored user or group, without its members. */
export interface DirectoryResource {
  readonly kind: DirectoryKind;
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly data: JsonObject;
}

/** A user or group by what can be looked up without reading all of them. */
export interface DirectoryLookup {
  readonly id?: string | undefined;
  /** The userName or displayName, in any case. */
  readonly name?: string | undefined;
  readonly externalId?: string | undefined;
  /** A group that has this member. */
  readonly memberId?: string | undefined;
}

function nameKeyOf(kind: DirectoryKind, data: JsonObject): string {
  const name = data[kind === 'Users' ? 'userName' : 'displayName'];
  return typeof name === 'string' ? foldCase(name) : '';
}

const COLUMNS = `r.kind, r.id, r.version, r.created_at as "createdAt", r.modified_at as "modifiedAt", r.data`;

/** One user or group. Throws NotFoundError. */
export async function getResource(
  tx: TenantTx,
  place: { readonly connection: string; readonly kind: DirectoryKind; readonly id: string },
): Promise<DirectoryResource> {
  const [row] = await tx.sql<DirectoryResource>(
    `select ${COLUMNS} from directory_resource r where r.connection = $1 and r.kind = $2 and r.id = $3`,
    [place.connection, place.kind, place.id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(`There is no ${noun(place.kind)} "${place.id}" in this directory.`);
}

function noun(kind: DirectoryKind): string {
  return kind === 'Users' ? 'user' : 'group';
}

interface Where {
  readonly text: string;
  readonly params: readonly SqlValue[];
}

function where(connection: string, kind: DirectoryKind, lookup: DirectoryLookup): Where {
  return {
    text: `r.connection = $1 and r.kind = $2 and ($3::text is null or r.id = $3)
      and ($4::text is null or r.name_key = $4) and ($5::text is null or r.external_id = $5)
      and ($6::text is null or exists (select from directory_member m
        where m.connection = r.connection and m.group_id = r.id and m.member_id = $6))`,
    params: [
      connection,
      kind,
      lookup.id ?? null,
      lookup.name === undefined ? null : foldCase(lookup.name),
      lookup.externalId ?? null,
      lookup.memberId ?? null,
    ],
  };
}

/** How many users or groups fit the lookup. */
export async function countResources(
  tx: TenantTx,
  connection: string,
  kind: DirectoryKind,
  lookup: DirectoryLookup,
): Promise<number> {
  const { text, params } = where(connection, kind, lookup);
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from directory_resource r where ${text}`,
    params,
  );
  return row?.count ?? 0;
}

/** Users or groups that fit the lookup, in the order of their ids, which is the order in which they were made. */
export function listResources(
  tx: TenantTx,
  connection: string,
  kind: DirectoryKind,
  page: {
    readonly lookup: DirectoryLookup;
    readonly after: string;
    readonly skip: number;
    readonly limit: number;
  },
): Promise<readonly DirectoryResource[]> {
  const { text, params } = where(connection, kind, page.lookup);
  return tx.sql<DirectoryResource>(
    `select ${COLUMNS} from directory_resource r where ${text} and r.id > $7 order by r.id offset $8 limit $9`,
    [...params, page.after, page.skip, page.limit],
  );
}

/** Keeps a new user or group under an id of our own. Throws StaleError for a user name that is taken. */
export async function insertResource(
  tx: TenantTx,
  place: { readonly connection: string; readonly kind: DirectoryKind },
  data: JsonObject,
): Promise<DirectoryResource> {
  await requireFreeName(tx, { ...place, id: '' }, data);
  const id = newId(place.kind === 'Users' ? 'dus' : 'dgr');
  const now = await tx.clock();
  await tx.run(
    `insert into directory_resource (tenant_id, connection, kind, id, name_key, external_id, created_at, modified_at, data)
     values ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
    [tx.tenantId, place.connection, place.kind, id, nameKeyOf(place.kind, data), externalIdOf(data), now, JSON.stringify(data)], // prettier-ignore
  );
  return { kind: place.kind, id, version: 1, createdAt: now, modifiedAt: now, data };
}

/**
 * Replaces the attributes of a user or group under its next version. Its stamp never goes back, whatever the clock
 * does, so that what is pushed later also wins later. Throws StaleError for a user name that is taken.
 */
export async function replaceResource(
  tx: TenantTx,
  connection: string,
  before: DirectoryResource,
  data: JsonObject,
): Promise<DirectoryResource> {
  const place = { connection, kind: before.kind, id: before.id };
  await requireFreeName(tx, place, data);
  const now = await tx.clock();
  const modifiedAt = now > before.modifiedAt ? now : before.modifiedAt;
  const version = before.version + 1;
  await tx.run(
    `update directory_resource r set name_key = $4, external_id = $5, version = $6, modified_at = $7, data = $8
     where r.connection = $1 and r.kind = $2 and r.id = $3`,
    [connection, place.kind, place.id, nameKeyOf(place.kind, data), externalIdOf(data), version, modifiedAt, JSON.stringify(data)], // prettier-ignore
  );
  return { ...before, version, modifiedAt, data };
}

/** Takes a user or group away, with its memberships. */
export async function deleteResource(
  tx: TenantTx,
  place: { readonly connection: string; readonly kind: DirectoryKind; readonly id: string },
): Promise<void> {
  await tx.run(
    `delete from directory_member m where m.connection = $1 and (m.member_id = $2 or m.group_id = $2)`,
    [place.connection, place.id],
  );
  await tx.run(
    `delete from directory_resource r where r.connection = $1 and r.kind = $2 and r.id = $3`,
    [place.connection, place.kind, place.id],
  );
}

/** The provider's own id is data: two users may have the same, and nothing is found by it but through a filter. */
function externalIdOf(data: JsonObject): string | null {
  const { externalId } = data;
  return typeof externalId === 'string' ? externalId : null;
}

async function requireFreeName(
  tx: TenantTx,
  place: { readonly connection: string; readonly kind: DirectoryKind; readonly id: string },
  data: JsonObject,
): Promise<void> {
  if (place.kind !== 'Users') return;
  const rows = await tx.sql(
    `select from directory_resource r where r.connection = $1 and r.kind = 'Users' and r.name_key = $2 and r.id <> $3`,
    [place.connection, nameKeyOf('Users', data), place.id],
  );
  if (rows.length === 0) return;
  throw new StaleError('Another user of this directory has this userName.', {
    details: { scimType: 'uniqueness' },
  });
}
