import type { TenantTx } from '../db/store.ts';
import { parseExactJson } from '../sdk/exact-json.ts';
import type { ChainRow, SealedEntry } from './chain.ts';
import type { AuditHead } from './head.ts';

const PAGE = 2_000;

interface EntryRow extends Omit<SealedEntry, 'tenant' | 'details'> {
  readonly details: string;
}

/**
 * An event as it is hashed. The instant comes as text, because a Date would drop the microseconds that somebody
 * changed; the details come as text, because a double would drop digits.
 */
const ENTRY = `e.id, to_json(e.at at time zone 'UTC') #>> '{}' as at, e.actor, e.action,
  e.subject_type as "subjectType", e.subject_id as "subjectId", e.details::text as details`;

function toEntry(tenant: string, row: EntryRow): SealedEntry {
  const { id, at, actor, action, subjectType, subjectId, details } = row;
  return {
    tenant,
    id,
    at,
    actor,
    action,
    subjectType,
    subjectId,
    details: parseExactJson(details),
  };
}

/** Takes the tenant's chain for this transaction; false if another transaction has it. */
export async function takeChain(tx: TenantTx): Promise<boolean> {
  const [row] = await tx.sql<{ taken: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('trueup:audit-chain:' || $1, 0)) as taken`,
    [tx.tenantId],
  );
  return row?.taken ?? false;
}

/** Events that no seal names, in the order of their ids. `withinDays` bounds the search to recent ones. */
export async function unsealedEntries(
  tx: TenantTx,
  filter: {
    readonly olderThanSeconds: number;
    readonly withinDays: number | null;
    readonly limit: number;
  },
): Promise<readonly SealedEntry[]> {
  const rows = await tx.sql<EntryRow>(
    `select ${ENTRY} from audit_event e
     where e.at <= (select app.clock()) - make_interval(secs => $1)
       and ($2::int is null or e.at > (select app.clock()) - make_interval(days => $2))
       and not exists (select from audit_seal s where s.tenant_id = e.tenant_id and s.event_id = e.id)
     order by e.id limit $3`,
    [filter.olderThanSeconds, filter.withinDays, filter.limit],
  );
  return rows.map((row) => toEntry(tx.tenantId, row));
}

/** The end of the chain as it stands in the table. */
export async function lastSeal(
  tx: TenantTx,
): Promise<{ readonly seq: number; readonly hash: string } | null> {
  const [row] = await tx.sql<{ seq: number; hash: string }>(
    `select s.seq, s.hash from audit_seal s order by s.seq desc limit 1`,
  );
  return row ?? null;
}

/** The hash that stands at one place of the chain, or null. */
export async function hashAt(tx: TenantTx, seq: number): Promise<string | null> {
  const [row] = await tx.sql<{ hash: string }>(`select s.hash from audit_seal s where s.seq = $1`, [
    seq,
  ]);
  return row?.hash ?? null;
}

/** Appends seals, the first of them at `from`. */
export async function insertSeals(
  tx: TenantTx,
  from: number,
  seals: readonly { readonly eventId: string; readonly hash: string }[],
): Promise<void> {
  await tx.run(
    `insert into audit_seal (tenant_id, seq, event_id, hash)
     select $1, $2 + n.place - 1, n.event_id, n.hash
     from unnest($3::text[], $4::text[]) with ordinality as n (event_id, hash, place)`,
    [tx.tenantId, from, seals.map((seal) => seal.eventId), seals.map((seal) => seal.hash)],
  );
}

/** Replaces the signed head. */
export async function saveHead(tx: TenantTx, head: AuditHead): Promise<void> {
  await tx.run(
    `insert into audit_head (tenant_id, seq, hash, at, signature, public_key) values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id) do update set seq = excluded.seq, hash = excluded.hash, at = excluded.at,
       signature = excluded.signature, public_key = excluded.public_key`,
    [tx.tenantId, head.seq, head.hash, head.at, head.signature, head.publicKey],
  );
}

interface HeadRow extends Omit<AuditHead, 'tenant' | 'at'> {
  readonly at: Date;
}

/** The signed head that the database holds; null before the first event was sealed. */
export async function savedHead(tx: TenantTx): Promise<AuditHead | null> {
  const [row] = await tx.sql<HeadRow>(
    `select h.seq, h.hash, h.at, h.signature, h.public_key as "publicKey" from audit_head h`,
  );
  if (row === undefined) return null;
  const { seq, hash, at, signature, publicKey } = row;
  return { tenant: tx.tenantId, seq, hash, at: at.toISOString(), signature, publicKey };
}

/** How many events are sealed, and how many wait for the sealer. */
export async function countChain(
  tx: TenantTx,
): Promise<{ readonly sealed: number; readonly unsealed: number }> {
  const [row] = await tx.sql<{ sealed: number; unsealed: number }>(
    `select (select count(*) from audit_seal) as sealed,
       (select count(*) from audit_event e
        where not exists (select from audit_seal s where s.tenant_id = e.tenant_id and s.event_id = e.id)) as unsealed`,
  );
  return row ?? { sealed: 0, unsealed: 0 };
}

/** The whole chain in its order, each seal with the event that it names, a page at a time. */
export async function* chainRows(tx: TenantTx): AsyncGenerator<ChainRow> {
  let after = 0;
  for (;;) {
    const rows = await tx.sql<
      EntryRow & { seq: number; eventId: string; hash: string; found: boolean }
    >(
      `select s.seq, s.event_id as "eventId", s.hash, e.id is not null as found, ${ENTRY}
       from audit_seal s left join audit_event e on e.tenant_id = s.tenant_id and e.id = s.event_id
       where s.seq > $1 order by s.seq limit $2`,
      [after, PAGE],
    );
    for (const row of rows) {
      const { seq, eventId, hash, found } = row;
      yield { seq, eventId, hash, entry: found ? toEntry(tx.tenantId, row) : null };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.seq;
  }
}
