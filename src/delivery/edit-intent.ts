import type { TenantTx } from '../db/store.ts';
import { StaleError, ValidationError } from '../kernel/errors.ts';
import { hashJson, type Json, type JsonObject } from '../kernel/hash.ts';
import { intentIdOf } from '../kernel/ids.ts';
import { getIntent, type Intent } from './intents.ts';
import { OVERTAKEN } from './retry-intents.ts';
import { valueAt, withValue, type Overrule } from './three-way.ts';

/** A field that a person set by hand, because the other system refused what the mapping gave. */
export interface IntentEdit {
  /** The intent that carries the value, and the one that it took the place of. */
  readonly intentId: string;
  readonly fromIntent: string;
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly field: string;
  readonly before: Json;
  readonly after: Json;
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
  /** Null where no mapping gave the field. */
  readonly mappingId: string | null;
  readonly mappingVersion: number | null;
}

const COLUMNS = `e.intent_id as "intentId", e.from_intent as "fromIntent", e.connection, e.object,
  e.external_id as "externalId", e.field, e.before, e.after, e.reason, e.edited_by as "by", e.edited_at as "at",
  e.mapping_id as "mappingId", e.mapping_version as "mappingVersion"`;

const FIELD = /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/;

/**
 * Sends a refused write, or one in conflict, with other values of some fields: as the next revision of the record, with
 * who set them, why, and what the mapping gave. The effect stays the one that was meant, so the same one drawn up again
 * changes nothing; once the source gives another one, the mapping's value counts again. Throws NotFoundError, StaleError
 * when the write waits for nobody or was overtaken, and ValidationError for a name that is none or where nothing changes.
 */
export async function editIntent(
  tx: TenantTx,
  edit: {
    readonly id: string;
    readonly fields: Readonly<Record<string, Json>>;
    readonly reason: string;
    readonly person: string;
  },
): Promise<Intent> {
  const before = await takeUp(tx, edit.id);
  const changed = Object.entries(edit.fields).filter(([field, value]) => {
    if (!FIELD.test(field)) {
      throw new ValidationError(
        `"${field}" is no field of ${before.object}. Name one as the write shows it, such as entity.id; a list is given whole.`,
      );
    }
    return hashJson([valueAt(before.payload, field) ?? null]) !== hashJson([value]);
  });
  if (changed.length === 0) {
    throw new ValidationError(
      `These values are what intent ${edit.id} carries already. To send them again: trueup errors retry ${edit.id}.`,
    );
  }
  const next = await writeNext(tx, before, changed);
  await keepEdits(tx, before, next, { ...edit, changed });
  return getIntent(tx, next);
}

interface Taken extends Intent {
  readonly overrule: Overrule;
  readonly standsFor: Readonly<Record<string, Json>>;
}

/** The write that is to be edited, locked; it is settled, because the next revision takes its place. */
async function takeUp(tx: TenantTx, id: string): Promise<Taken> {
  const intent = await getIntent(tx, id);
  if (intent.state !== 'QUARANTINED' && intent.state !== 'CONFLICT') {
    throw new StaleError(
      `Intent ${id} is ${intent.state}; only QUARANTINED and CONFLICT ones wait for a person. The others go on by themselves.`,
    );
  }
  const [kept] = await tx.sql<Pick<Taken, 'overrule' | 'standsFor'>>(
    `update intent i set state = 'SUPERSEDED', settled_at = app.clock(), fence = i.fence + 1
     where i.id = $1 and i.state = $2 and not ${OVERTAKEN} returning i.overrule, i.stands_for as "standsFor"`,
    [id, intent.state],
  );
  if (kept !== undefined) return { ...intent, ...kept };
  throw new StaleError(
    `Intent ${id} was overtaken by a later change of ${intent.object} ${intent.externalId}. Look at \`trueup errors list\`.`,
  );
}

async function writeNext(
  tx: TenantTx,
  before: Taken,
  changed: readonly (readonly [string, Json])[],
): Promise<string> {
  const next = intentIdOf(before.externalId, before.revision + 1);
  const payload = changed.reduce<JsonObject>(
    (record, [field, value]) => withValue(record, field, value),
    before.payload,
  );
  const decided = Object.fromEntries(changed.map(([field]) => [field, 'ours']));
  // A conflict that is tried again is written over, as by `retryIntent`.
  const overrule =
    before.state === 'CONFLICT' ? { '*': 'ours' } : { ...before.overrule, ...decided };
  const ours = Object.fromEntries(
    changed.map(([field]) => [
      field,
      before.standsFor[field] ?? valueAt(before.payload, field) ?? null,
    ]),
  );
  await tx.run(
    `insert into intent (tenant_id, id, connection, object, external_id, revision, canonical_id, vendor_id, payload,
       payload_hash, plan_id, mapping, overrule, stands_for, expects, change_id, about, after_external_id, hold_id, held_back)
     select i.tenant_id, $2, i.connection, i.object, i.external_id, i.revision + 1, i.canonical_id, i.vendor_id, $3,
       i.payload_hash, i.plan_id, i.mapping, $4, $5, i.expects, i.change_id, i.about, i.after_external_id, h.id, h.id is not null
     from intent i left join write_hold h on h.tenant_id = i.tenant_id and h.id = i.hold_id and h.status = 'open' where i.id = $1`,
    [
      before.id,
      next,
      JSON.stringify(payload),
      JSON.stringify(overrule),
      JSON.stringify({ ...before.standsFor, ...ours }),
    ],
  );
  return next;
}

async function keepEdits(
  tx: TenantTx,
  before: Intent,
  next: string,
  {
    changed,
    reason,
    person,
  }: {
    readonly changed: readonly (readonly [string, Json])[];
    readonly reason: string;
    readonly person: string;
  },
): Promise<void> {
  const rows = changed.map(([field, after]) => ({
    field,
    before: valueAt(before.payload, field) ?? null,
    after,
  }));
  await tx.run(
    `insert into intent_edit (tenant_id, intent_id, field, from_intent, connection, object, external_id, mapping_id,
       mapping_version, before, after, reason, edited_by)
     select $1, $2, n.field, i.id, i.connection, i.object, i.external_id, i.mapping ->> 'id',
       (i.mapping ->> 'version')::int, coalesce(n.before, 'null'), coalesce(n.after, 'null'), $5, $6
     from intent i, jsonb_to_recordset($4::jsonb) as n (field text, before jsonb, after jsonb) where i.id = $3`,
    [tx.tenantId, next, before.id, JSON.stringify(rows), reason, person],
  );
}

/** What was set by hand in some intents, oldest first. */
export async function editsIn(
  tx: TenantTx,
  intentIds: readonly string[],
): Promise<readonly IntentEdit[]> {
  if (intentIds.length === 0) return [];
  return tx.sql<IntentEdit>(
    `select ${COLUMNS} from intent_edit e where e.intent_id = any($1) order by e.edited_at, e.field`,
    [[...intentIds]],
  );
}

/** Fields that were set by hand, newest first: each is a row of a mapping that might be written better. */
export async function listEdits(
  tx: TenantTx,
  filter: {
    readonly mappingId?: string | undefined;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<readonly IntentEdit[]> {
  return tx.sql<IntentEdit>(
    `select ${COLUMNS} from intent_edit e where ($1::text is null or e.mapping_id = $1)
     order by e.edited_at desc, e.intent_id, e.field limit $2 offset $3`,
    [filter.mappingId ?? null, filter.limit, filter.offset],
  );
}

/** How many records had this field of this mapping set by hand. */
export async function countEditsOf(
  tx: TenantTx,
  mappingId: string,
  field: string,
): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(distinct e.external_id)::int as count from intent_edit e where e.mapping_id = $1 and e.field = $2`,
    [mappingId, field],
  );
  return row?.count ?? 0;
}
