import type { TenantTx } from '../db/store.ts';
import { textList } from '../db/text-list.ts';
import type { DependencyScope } from './dependencies.ts';
import type { LookupTables } from './lookups.ts';

/** A key that a record asked a lookup table for. */
export interface KeyUse {
  readonly table: string;
  readonly key: string;
  readonly found: boolean;
}

/** Longer keys are in no table, and nobody adds one. */
const MOST_KEY = 200;

/** Lookup tables that note what they are asked for. */
export interface WatchedLookups extends LookupTables {
  /** What was asked for since the last call, each key once. */
  take(): readonly KeyUse[];
}

/** Wraps lookup tables, so that it can be told which keys one record asked for. */
export function watchLookups(tables: LookupTables): WatchedLookups {
  let asked = new Map<string, KeyUse>();
  return {
    get: (table, key) => {
      const value = tables.get(table, key);
      if (key.length <= MOST_KEY)
        asked.set(`${table}/${key}`, { table, key, found: value !== undefined });
      return value;
    },
    take: () => {
      const uses = [...asked.values()];
      asked = new Map();
      return uses;
    },
  };
}

/** Records which keys each record asked for when it was mapped just now, in place of what was recorded before. */
export async function recordUses(
  tx: TenantTx,
  { connection, stream, mappingId }: DependencyScope,
  records: readonly { readonly id: string; readonly uses: readonly KeyUse[] }[],
): Promise<void> {
  if (records.length === 0) return;
  const rows = records.flatMap(({ id, uses }) => uses.map((use) => ({ id, ...use })));
  const lists = [
    rows.map(({ id }) => id),
    rows.map(({ table }) => table),
    rows.map(({ key }) => key),
    rows.map(({ found }) => String(found)),
  ].map(textList);
  await tx.run(
    `delete from lookup_use u where u.connection = $1 and u.stream = $2 and u.mapping_id = $3 and u.record_id = any($4::text[])
       and (u.record_id, u.name, u.key) not in (select * from unnest($5::text[], $6::text[], $7::text[]))`,
    [connection, stream, mappingId, textList(records.map(({ id }) => id)), ...lists.slice(0, 3)],
  );
  if (rows.length === 0) return;
  await tx.run(
    `insert into lookup_use as u (tenant_id, connection, stream, mapping_id, record_id, name, key, found)
     select app.tenant(), $1, $2, $3, n.id, n.name, n.key, n.found::boolean
     from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as n (id, name, key, found)
     on conflict (tenant_id, connection, stream, record_id, mapping_id, name, key)
     do update set found = excluded.found where u.found <> excluded.found`,
    [connection, stream, mappingId, ...lists],
  );
}

/** A key that records ask for and the table lacks. */
export interface MissingKey {
  readonly key: string;
  readonly records: number;
  /** Some of the records, by id. */
  readonly samples: readonly {
    readonly connection: string;
    readonly stream: string;
    readonly recordId: string;
    readonly mappingId: string;
  }[];
}

const SAMPLES = 5;

const MISSING = `from lookup_use u where u.name = $1 and not u.found and u.mapping_id = any($2::text[])
  and not exists (select from lookup_entry e where e.tenant_id = u.tenant_id and e.name = u.name and e.key = u.key)`;

/** The keys that records asked for under these mappings and the table lacks, those of most records first. */
export async function missingKeys(
  tx: TenantTx,
  table: string,
  mappingIds: readonly string[],
  page: { readonly offset: number; readonly limit: number },
): Promise<readonly MissingKey[]> {
  return tx.sql<MissingKey>(
    `select m.key, m.records, (select jsonb_agg(to_jsonb(s)) from (
         select u.connection, u.stream, u.record_id as "recordId", u.mapping_id as "mappingId" from lookup_use u
         where u.name = $1 and u.key = m.key and not u.found and u.mapping_id = any($2::text[])
         order by u.connection, u.stream, u.record_id, u.mapping_id limit ${SAMPLES}) s) as samples
     from (select u.key, count(distinct (u.connection, u.stream, u.record_id))::int as records ${MISSING} group by u.key
       order by 2 desc, u.key collate "C" offset $3 limit $4) m
     order by m.records desc, m.key collate "C"`,
    [table, textList(mappingIds), page.offset, page.limit],
  );
}

/** How many different keys a table lacks. */
export async function countMissing(
  tx: TenantTx,
  table: string,
  mappingIds: readonly string[],
): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(distinct u.key)::int as count ${MISSING}`,
    [table, textList(mappingIds)],
  );
  return row?.count ?? 0;
}
