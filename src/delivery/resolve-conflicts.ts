import type { TenantTx } from '../db/store.ts';
import { StaleError } from '../kernel/errors.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { intentIdOf } from '../kernel/ids.ts';
import type { FieldConflict } from './conflicts.ts';
import { withValue, type Overrule } from './three-way.ts';

/** Whose value a person takes. */
export type Taken =
  | { readonly take: 'ours' | 'theirs' }
  | { readonly take: 'value'; readonly value: Json };

/**
 * A person's word about a conflict: the record is written anew with it, as the next revision, and with all that waited for
 * it. Taking theirs writes nothing over it. Returns the new intent's id. Throws StaleError where it is not open any more.
 */
export async function resolveConflict(
  tx: TenantTx,
  conflict: FieldConflict,
  taken: Taken,
  person: string,
): Promise<string> {
  const value = taken.take === 'value' ? taken.value : conflict[taken.take];
  const changed = await tx.run(
    `update conflict set state = 'resolved', taken = $2, value = $3, decided_by = $4, decided_at = app.clock()
     where id = $1 and state = 'open'`,
    [conflict.id, taken.take, JSON.stringify(value), person],
  );
  if (changed === 0)
    throw new StaleError(`The conflict ${conflict.id} is not open any more. Look at it again.`);
  const next = await writeAnew(tx, conflict, taken);
  if (next === null) throw new StaleError('The record of this conflict is not written any more.');
  return next;
}

/** Closes a conflict that is none any more, and writes what waited for it. Null where nothing did, or it is closed already. */
export async function vanishConflict(
  tx: TenantTx,
  conflict: FieldConflict,
  take: 'ours' | 'theirs',
  reason: string,
): Promise<string | null> {
  const changed = await tx.run(
    `update conflict set state = 'vanished', reason = $2, decided_at = app.clock() where id = $1 and state = 'open'`,
    [conflict.id, reason],
  );
  return changed === 0 ? null : writeAnew(tx, conflict, { take });
}

interface LatestIntent {
  readonly id: string;
  readonly revision: number;
  readonly payload: JsonObject;
  readonly overrule: Overrule;
  readonly standsFor: Readonly<Record<string, Json>>;
  readonly isOpen: boolean;
}

/** Null where nothing of ours stands for the record any more. */
async function writeAnew(
  tx: TenantTx,
  { connection, object, externalId, field, ours }: FieldConflict,
  taken: Taken,
): Promise<string | null> {
  const [latest] = await tx.sql<LatestIntent>(
    `select i.id, (select max(n.revision) from intent n where n.tenant_id = i.tenant_id and n.external_id = i.external_id) as revision, i.payload, i.overrule, i.stands_for as "standsFor",
       i.state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN', 'QUARANTINED') as "isOpen"
     from intent i where i.connection = $1 and i.object = $2 and i.external_id = $3 and i.state <> 'SUPERSEDED' order by i.revision desc limit 1 for update`,
    [connection, object, externalId],
  );
  if (latest === undefined) return null;
  // What was decided just before, and may still come to nothing, stays decided.
  const before = latest.isOpen ? latest : { overrule: {}, standsFor: {} };
  const isTyped = taken.take === 'value';
  const payload = isTyped ? withValue(latest.payload, field, taken.value) : latest.payload;
  const overrule = { ...before.overrule, [field]: taken.take === 'theirs' ? 'theirs' : 'ours' };
  const standsFor = isTyped ? { ...before.standsFor, [field]: ours } : before.standsFor;
  const next = intentIdOf(externalId, latest.revision + 1);
  await tx.run(
    `update intent set state = 'SUPERSEDED', settled_at = app.clock(), fence = fence + 1, held_back = false
     where id = $1 and state in ('PLANNED', 'CONFLICT', 'QUARANTINED')`,
    [latest.id],
  );
  await tx.run(
    `insert into intent (tenant_id, id, connection, object, external_id, revision, canonical_id, vendor_id, payload,
       payload_hash, plan_id, mapping, overrule, stands_for, expects, change_id, about, after_external_id, hold_id, held_back)
     select i.tenant_id, $2, i.connection, i.object, i.external_id, $6, i.canonical_id, i.vendor_id,
       $3, i.payload_hash, i.plan_id, i.mapping, $4, $5, i.expects, i.change_id, i.about, i.after_external_id, h.id, h.id is not null
     from intent i left join write_hold h on h.tenant_id = i.tenant_id and h.id = i.hold_id and h.status = 'open' where i.id = $1`,
    [
      latest.id,
      next,
      JSON.stringify(payload),
      JSON.stringify(overrule),
      JSON.stringify(standsFor),
      latest.revision + 1,
    ],
  );
  return next;
}
