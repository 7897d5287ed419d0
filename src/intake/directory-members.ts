import type { TenantTx } from '../db/store.ts';
import { ValidationError } from '../kernel/errors.ts';
import { foldCase } from '../kernel/fold-case.ts';

/** A group of a directory. */
export interface GroupPlace {
  readonly connection: string;
  readonly id: string;
}

/** The ids of a group's members, in the order of their ids. */
export async function membersOf(tx: TenantTx, group: GroupPlace): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select m.member_id as id from directory_member m where m.connection = $1 and m.group_id = $2 order by m.member_id`,
    [group.connection, group.id],
  );
  return rows.map((row) => row.id);
}

/** How many members a group has. */
export async function countMembers(tx: TenantTx, group: GroupPlace): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from directory_member m where m.connection = $1 and m.group_id = $2`,
    [group.connection, group.id],
  );
  return row?.count ?? 0;
}

/** The ids of those who became members of a group, and of those who no longer are. */
export interface MemberChange {
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

/**
 * Makes these the members of a group; only what differs is written, and given.
 * Throws ValidationError for a member that the directory does not hold: a reference to nobody would stay for ever.
 */
export async function setMembers(
  tx: TenantTx,
  group: GroupPlace,
  before: readonly string[],
  after: readonly string[],
): Promise<MemberChange> {
  const [old, wanted] = [new Set(before), new Set(after)];
  const added = [...wanted.difference(old)];
  const gone = [...old.difference(wanted)];
  await requireKnown(tx, group.connection, added);
  if (gone.length > 0) {
    await tx.run(
      `delete from directory_member m where m.connection = $1 and m.group_id = $2 and m.member_id = any($3)`,
      [group.connection, group.id, gone],
    );
  }
  if (added.length > 0) {
    await tx.run(
      `insert into directory_member (tenant_id, connection, group_id, member_id) select $1, $2, $3, unnest($4::text[])`,
      [tx.tenantId, group.connection, group.id, added],
    );
  }
  return { joined: added, left: gone };
}

async function requireKnown(
  tx: TenantTx,
  connection: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const rows = await tx.sql<{ id: string }>(
    `select u.id from unnest($2::text[]) as u (id)
     where not exists (select from directory_resource r where r.connection = $1 and r.id = u.id) limit 3`,
    [connection, ids],
  );
  if (rows.length === 0) return;
  const names = rows.map((row) => row.id.slice(0, 100)).join(', ');
  throw new ValidationError(
    `This directory holds no user and no group ${names}. Create it first.`,
    {
      details: { scimType: 'invalidValue' },
    },
  );
}

/** The users among members and in the groups among them, however deep: their ids, and their names. */
export function usersWithin(
  tx: TenantTx,
  connection: string,
  members: readonly string[],
): Promise<readonly { readonly id: string; readonly userName: string }[]> {
  return tx.sql(
    `with recursive within (id) as (
       select unnest($2::text[])
       union select m.member_id from directory_member m join within w on w.id = m.group_id where m.connection = $1
     )
     select r.id, r.data ->> 'userName' as "userName" from directory_resource r join within w on w.id = r.id
     where r.connection = $1 and r.kind = 'Users' order by r.id`,
    [connection, members],
  );
}

/** The ids of users of a directory by their names, folded; who is not there is left out. */
export async function userIdsOf(
  tx: TenantTx,
  connection: string,
  userNames: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.sql<{ id: string; name: string }>(
    `select r.id, r.name_key as name from directory_resource r
     where r.connection = $1 and r.kind = 'Users' and r.name_key = any($2)`,
    [connection, userNames.map(foldCase)],
  );
  return new Map(rows.map(({ id, name }) => [name, id]));
}

/** A group that a user or group is a direct member of. */
export interface Membership {
  readonly memberId: string;
  readonly groupId: string;
  readonly displayName: string;
}

/** The groups that these users are direct members of. */
export function groupsOf(
  tx: TenantTx,
  connection: string,
  ids: readonly string[],
): Promise<readonly Membership[]> {
  return tx.sql<Membership>(
    `select m.member_id as "memberId", m.group_id as "groupId", coalesce(r.data ->> 'displayName', '') as "displayName"
     from directory_member m
     join directory_resource r on r.tenant_id = m.tenant_id and r.connection = m.connection and r.kind = 'Groups' and r.id = m.group_id
     where m.connection = $1 and m.member_id = any($2) order by m.member_id, m.group_id`,
    [connection, ids],
  );
}
