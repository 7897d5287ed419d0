import type { TenantTx } from '../db/store.ts';
import { textList } from '../db/text-list.ts';
import { addMoney, money, type Money } from '../kernel/money.ts';

// What the rooms know together about the keys of a lookup table: which records asked, what failed, which facts came of it.

/** Landed records of one stream that one mapping is to map again. */
export interface ConcernedRecords {
  readonly connection: string;
  readonly stream: string;
  readonly mappingId: string;
  readonly recordIds: readonly string[];
}

/**
 * The records that asked for any of these keys under one of these mappings; and those that failed for a missing key
 * before it was noted which.
 */
export async function recordsAskingFor(
  tx: TenantTx,
  table: string,
  keys: readonly string[],
  mappingIds: readonly string[],
): Promise<readonly ConcernedRecords[]> {
  return tx.sql<ConcernedRecords>(
    `select d.connection, d.stream, d.mapping_id as "mappingId", array_agg(d.record_id order by d.record_id) as "recordIds"
     from (
       select u.connection, u.stream, u.mapping_id, u.record_id from lookup_use u
       where u.name = $1 and u.key = any($2::text[]) and u.mapping_id = any($3::text[])
       union
       select q.connection, q.stream, q.mapping_id, q.record_id from quarantine q
       where q.status = 'open' and q.stage = 'mapping' and q.code = 'lookup_missing' and q.mapping_id = any($3::text[])
         and not exists (select from lookup_use u where u.tenant_id = q.tenant_id and u.connection = q.connection
           and u.stream = q.stream and u.record_id = q.record_id and u.mapping_id = q.mapping_id)
     ) d group by 1, 2, 3 order by 1, 2, 3`,
    [table, textList(keys), textList(mappingIds)],
  );
}

/** What a key is used for. */
export interface KeyFigures {
  readonly records: number;
  /** Current facts of those records, under the mappings that asked. */
  readonly facts: number;
}

/** How many records found each of these keys, and how many current facts they give. Keys that nobody uses are left out. */
export async function figuresOfKeys(
  tx: TenantTx,
  table: string,
  keys: readonly string[],
  mappingIds: readonly string[],
): Promise<ReadonlyMap<string, KeyFigures>> {
  const rows = await tx.sql<KeyFigures & { readonly key: string }>(
    `select u.key, count(distinct (u.connection, u.stream, u.record_id))::int as records, count(f.fact_id)::int as facts
     from lookup_use u left join fact f on f.tenant_id = u.tenant_id and f.connection = u.connection and f.stream = u.stream
       and f.record_id = u.record_id and f.mapping_id = u.mapping_id and f.recorded_to = 'infinity'
     where u.name = $1 and u.key = any($2::text[]) and u.mapping_id = any($3::text[]) and u.found group by u.key`,
    [table, textList(keys), textList(mappingIds)],
  );
  return new Map(rows.map(({ key, records, facts }) => [key, { records, facts }]));
}

/**
 * What is at stake with the records that ask for keys which the table lacks, one amount a currency: of each record the
 * total of its invoice, quote or purchase, else the amount of its deal or line, as far as any of its facts says it.
 */
export async function moneyOfMissing(
  tx: TenantTx,
  table: string,
  keys: readonly string[],
  mappingIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Money[]>> {
  const rows = await tx.sql<{ key: string; amount: string; currency: string }>(
    `select r.key, f.amount, f.currency
     from (select distinct u.key, u.connection, u.stream, u.record_id from lookup_use u
       where u.name = $1 and u.key = any($2::text[]) and u.mapping_id = any($3::text[]) and not u.found) r
     join lateral (
       select coalesce(f.body ->> 'total', f.body ->> 'amount') as amount, f.body ->> 'currency' as currency from fact f
       where f.connection = r.connection and f.stream = r.stream and f.record_id = r.record_id
         and f.recorded_to = 'infinity' and f.body ? 'currency' and (f.body ? 'total' or f.body ? 'amount')
       order by f.body ? 'total' desc, f.noun, f.external_ref limit 1) f on true
     order by r.key, f.currency`,
    [table, textList(keys), textList(mappingIds)],
  );
  const sums = new Map<string, Map<string, Money>>();
  for (const { key, amount, currency } of rows) {
    const of = sums.get(key) ?? new Map<string, Money>();
    const each = money(amount, currency);
    const sum = of.get(currency);
    of.set(currency, sum === undefined ? each : addMoney(sum, each));
    sums.set(key, of);
  }
  return new Map([...sums].map(([key, of]) => [key, [...of.values()]]));
}
