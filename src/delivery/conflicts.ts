import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import { newId } from '../kernel/ids.ts';
import type { LeasedIntent } from './dispatch.ts';
import type { Target } from './target.ts';
import {
  type AgreedValue,
  type DecidedField,
  type FieldRuleName,
  type OpenField,
} from './three-way.ts';

export const CONFLICT_STATES = ['open', 'resolved', 'vanished'] as const;
export type ConflictState = (typeof CONFLICT_STATES)[number];

/** A field that both sides changed since they last agreed, seen from both, and what became of it. */
export interface FieldConflict {
  readonly id: string;
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly canonicalId: string;
  readonly vendorId: string | null;
  readonly intentId: string;
  readonly mappingId: string | null;
  readonly field: string;
  readonly rule: FieldRuleName;
  /** Null where the sides never agreed. */
  readonly agreed: AgreedValue | null;
  readonly ours: Json;
  readonly theirs: Json;
  readonly oursAt: Date;
  /** When and by whom the record last changed, where the vendor says so. */
  readonly theirsAt: Date | null;
  readonly theirsBy: string | null;
  readonly state: ConflictState;
  readonly openedAt: Date;
  /** The person who looks after it; null where nobody answers for its mapping. */
  readonly owner: string | null;
  readonly dueAt: Date;
  readonly taken: 'ours' | 'theirs' | 'value' | null;
  readonly value: Json;
  readonly reason: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

const COLUMNS = `c.id, c.connection, c.object, c.external_id as "externalId", c.canonical_id as "canonicalId",
  c.vendor_id as "vendorId", c.intent_id as "intentId", c.mapping_id as "mappingId", c.field, c.rule, c.agreed, c.ours,
  c.theirs, c.ours_at as "oursAt", c.theirs_at as "theirsAt", c.theirs_by as "theirsBy", c.state, c.opened_at as "openedAt",
  c.owner, c.due_at as "dueAt",  c.taken, c.value, c.reason, c.decided_by as "decidedBy", c.decided_at as "decidedAt"`;

/** What was decided about one record before it is sent. */
export interface DecidedIntent {
  readonly intent: LeasedIntent;
  readonly decided: readonly DecidedField[];
  readonly open: readonly OpenField[];
  readonly vendorId: string | null;
  readonly theirsAt: Date | null;
  readonly theirsBy: string | null;
}

/**
 * Keeps what was decided with the intents, opens what no rule decides, and closes what is no conflict any more. Returns
 * what was opened and closed. A worker that lost its lease changes nothing of an intent.
 */
export async function saveDecided(
  tx: TenantTx,
  target: Target,
  records: readonly DecidedIntent[],
): Promise<{
  readonly opened: readonly FieldConflict[];
  readonly vanished: readonly FieldConflict[];
}> {
  if (records.length === 0) return { opened: [], vanished: [] };
  await tx.run(
    `update intent i set decided = h.decided from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint, decided jsonb)
     where i.id = h.id and i.fence = h.fence and i.state = 'LEASED'`,
    [JSON.stringify(records.map(({ intent: { id, fence }, decided }) => ({ id, fence, decided })))],
  );
  const vanished = await closeVanished(tx, target, records);
  const opened: FieldConflict[] = [];
  for (const record of records)
    for (const field of record.open) opened.push(...(await openConflict(tx, record, field)));
  return { opened, vanished };
}

/** Opens a conflict; one that is open already is told anew, and not returned. */
export async function openConflict(
  tx: TenantTx,
  { intent, vendorId, theirsAt, theirsBy }: Omit<DecidedIntent, 'decided' | 'open'>,
  field: OpenField,
): Promise<readonly FieldConflict[]> {
  const rows = await tx.sql<FieldConflict & { readonly isNew: boolean }>(
    `insert into conflict as c (tenant_id, id, connection, object, external_id, canonical_id, vendor_id, intent_id,
       mapping_id, field, rule, agreed, ours, theirs, ours_at, theirs_at, theirs_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
     on conflict (tenant_id, connection, object, external_id, field) where state = 'open' do update
       set intent_id = excluded.intent_id, rule = excluded.rule, agreed = excluded.agreed, ours = excluded.ours,
         theirs = excluded.theirs, ours_at = excluded.ours_at, theirs_at = excluded.theirs_at, theirs_by = excluded.theirs_by,
         seen_at = app.clock()
     returning ${COLUMNS}, c.id = $2 as "isNew"`,
    [
      tx.tenantId,
      newId('cfl'),
      intent.connection,
      intent.object,
      intent.externalId,
      intent.canonicalId,
      vendorId,
      intent.id,
      intent.mapping?.id ?? null,
      field.field,
      field.rule,
      field.agreed === null ? null : JSON.stringify(field.agreed),
      JSON.stringify(field.ours),
      JSON.stringify(field.theirs),
      intent.createdAt,
      theirsAt,
      theirsBy,
    ],
  );
  return rows.filter(({ isNew }) => isNew);
}

/** Names who looks after conflicts; nobody where the owner is null. */
export async function assignConflicts(
  tx: TenantTx,
  owners: readonly { readonly id: string; readonly owner: string | null }[],
): Promise<void> {
  if (owners.length === 0) return;
  await tx.run(
    `update conflict c set owner = n.owner from jsonb_to_recordset($1::jsonb) as n (id text, owner text) where c.id = n.id`,
    [JSON.stringify(owners)],
  );
}

async function closeVanished(
  tx: TenantTx,
  { connection, object }: Target,
  records: readonly DecidedIntent[],
): Promise<readonly FieldConflict[]> {
  const seen = records.map(({ intent, decided, open: fields }) => ({
    externalId: intent.externalId,
    open: fields.map(({ field }) => field),
    why: Object.fromEntries(decided.map(({ field, why }) => [field, why])),
  }));
  return tx.sql<FieldConflict>(
    `update conflict c set state = 'vanished', decided_at = app.clock(), reason = case s.why ->> c.field
         when 'equal' then 'both sides hold the same value'
         when 'decided' then 'a person had our values written'
         when 'unchanged' then 'our side is again what was agreed'
         else 'the other side is again what was agreed, or another rule decides the field' end
     from jsonb_to_recordset($3::jsonb) as s ("externalId" text, open jsonb, why jsonb)
     where c.connection = $1 and c.object = $2 and c.external_id = s."externalId" and c.state = 'open'
       and not s.open ? c.field returning ${COLUMNS}`,
    [connection, object, JSON.stringify(seen)],
  );
}

/** Conflicts, newest first. */
export async function listConflicts(
  tx: TenantTx,
  filter: {
    readonly state?: ConflictState | undefined;
    readonly connection?: string | undefined;
    readonly object?: string | undefined;
    readonly field?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly FieldConflict[]> {
  return tx.sql<FieldConflict>(
    `select ${COLUMNS} from conflict c
     where ($1::text is null or c.state = $1) and ($2::text is null or c.connection = $2) and ($3::text is null or c.object = $3)
       and ($4::text is null or c.field = $4) and ($5::text is null or c.id < $5) order by c.id desc limit $6`,
    [
      filter.state ?? null,
      filter.connection ?? null,
      filter.object ?? null,
      filter.field ?? null,
      filter.before ?? null,
      filter.limit,
    ],
  );
}

/** The open conflicts of a target whose other side was not looked at for so long, oldest look first. */
export async function conflictsToLookAt(
  tx: TenantTx,
  { connection, object }: Target,
  seconds: number,
  limit: number,
): Promise<readonly FieldConflict[]> {
  return tx.sql<FieldConflict>(
    `select ${COLUMNS} from conflict c where c.state = 'open' and c.connection = $1 and c.object = $2
       and c.seen_at < app.clock() - make_interval(secs => $3) order by c.seen_at, c.id limit $4`,
    [connection, object, seconds, limit],
  );
}

/** True while a conflict of the target is open. */
export async function hasOpenConflicts(
  tx: TenantTx,
  { connection, object }: Target,
): Promise<boolean> {
  const rows = await tx.sql(
    `select 1 from conflict c where c.state = 'open' and c.connection = $1 and c.object = $2 limit 1`,
    [connection, object],
  );
  return rows.length > 0;
}

/** Keeps what the other side holds now of a conflict that stays open. */
export async function saveSeen(
  tx: TenantTx,
  id: string,
  seen: { readonly theirs: Json; readonly theirsAt: Date | null; readonly theirsBy: string | null },
): Promise<void> {
  await tx.run(
    `update conflict set theirs = $2, theirs_at = $3, theirs_by = $4, seen_at = app.clock() where id = $1 and state = 'open'`,
    [id, JSON.stringify(seen.theirs), seen.theirsAt, seen.theirsBy],
  );
}

/** One conflict. Throws NotFoundError. */
export async function getConflict(tx: TenantTx, id: string): Promise<FieldConflict> {
  const [row] = await tx.sql<FieldConflict>(`select ${COLUMNS} from conflict c where c.id = $1`, [
    id,
  ]);
  if (row !== undefined) return row;
  throw new NotFoundError(
    `There is no conflict "${id}". \`trueup conflicts list\` shows those there are.`,
  );
}

/** The open conflicts of the same field of one mapping on one object, this one among them. */
export async function conflictsLike(
  tx: TenantTx,
  { connection, object, mappingId, field }: FieldConflict,
): Promise<readonly FieldConflict[]> {
  return tx.sql<FieldConflict>(
    `select ${COLUMNS} from conflict c where c.state = 'open' and c.connection = $1 and c.object = $2 and c.field = $3
       and c.mapping_id is not distinct from $4 order by c.id limit 1000`,
    [connection, object, field, mappingId],
  );
}
