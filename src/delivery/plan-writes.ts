import type { TenantTx } from '../db/store.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import type { BeforeImage } from './before-images.ts';
import type { Effect, EffectSubject, MappingRef } from './effect.ts';
import type { HeldState } from './held-state.ts';
import { ABOUT } from './mode-waits.ts';
import { sameForm } from './same-value.ts';
import { fieldsOf, fieldsToSend, valueAt, withValue, type DecidedField } from './three-way.ts';

/** A record that a plan, or a released run, wrote, with what is known of it before that. */
export interface PlanWrite {
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly canonicalId: string;
  /** As its effect carried it; null for a record that we made. */
  readonly targetId: string | null;
  readonly vendorId: string | null;
  readonly mapping: MappingRef | null;
  readonly about: EffectSubject | null;
  readonly payload: JsonObject;
  readonly decided: readonly DecidedField[];
  readonly before: BeforeImage | null;
  readonly held: HeldState | null;
  /** What we wrote there just before; null where we had written nothing. */
  readonly former: JsonObject | null;
  readonly isShown: boolean;
  readonly isNewest: boolean;
}

/** What a plan or a hold wrote, by record. */
export async function writesOf(
  tx: TenantTx,
  by: { readonly planId: string } | { readonly holdId: string },
): Promise<readonly PlanWrite[]> {
  const [column, id] = 'planId' in by ? ['plan_id', by.planId] : ['hold_id', by.holdId];
  return tx.sql<PlanWrite>(
    `select distinct on (i.external_id) i.connection, i.object, i.external_id as "externalId", i.canonical_id as "canonicalId",
       i.vendor_id as "targetId", coalesce(i.vendor_id, i.result ->> 'vendorId') as "vendorId", i.mapping, ${ABOUT} as about, i.payload, i.decided,
       coalesce((select b.before_image from intent b where b.tenant_id = i.tenant_id and b.external_id = i.external_id and b.${column} = $1 and b.sent_at is not null order by b.revision limit 1), i.before_image) as before, i.held, i.state = 'APPLIED' and i.read_back as "isShown",
       (select e.payload from intent e where e.tenant_id = i.tenant_id and e.connection = i.connection and e.object = i.object
          and e.external_id = i.external_id and e.revision < i.revision and e.state in ('APPLIED', 'SUPERSEDED')
          and e.sent_at is not null and e.${column} is distinct from $1 order by e.revision desc limit 1) as former,
       not exists (select from intent l where l.tenant_id = i.tenant_id and l.connection = i.connection and l.object = i.object
         and l.external_id = i.external_id and l.revision > i.revision and l.state <> 'SUPERSEDED') as "isNewest"
     from intent i where i.${column} = $1 and i.state <> 'SUPERSEDED' order by i.external_id, i.revision desc`,
    [id],
  );
}

/** True for a record that was not there before. */
export function wasMade({ targetId, former, before, held }: PlanWrite): boolean {
  if (targetId !== null || held !== null || former !== null) return false;
  return before === null || before.absent === true;
}

/** A field that is not brought back, with what was there before, what was written and what is there now. */
export interface LeftField {
  readonly field: string;
  readonly before: Json;
  readonly written: Json;
  readonly now: Json;
}

/**
 * The effect that brings a changed record back, from what it shows now: of the fields that were sent, those that still
 * hold our value. What holds another was changed since and is left for a person, and so is what nobody knows the former
 * value of. Null where there is nothing to bring back. Pure.
 */
export function restoringEffect(
  write: PlanWrite,
  present: JsonObject,
): { readonly effect: Effect | null; readonly left: readonly LeftField[] } {
  const { connection, object, canonicalId, targetId, mapping, about } = write;
  const sent = fieldsToSend(write.payload, write.decided);
  let fields: JsonObject = {};
  const expects: Record<string, readonly Json[]> = {};
  const left: LeftField[] = [];
  for (const field of fieldsOf(sent)) {
    const written = valueAt(sent, field) ?? null;
    const now = valueAt(present, field) ?? null;
    const before = formerValue(write, field);
    if (before !== undefined && sameForm(before, now)) continue;
    if (before === undefined || !sameForm(written, now)) {
      left.push({ field, before: before ?? null, written, now });
      continue;
    }
    fields = withValue(fields, field, before);
    expects[field] = [written];
  }
  if (Object.keys(fields).length === 0) return { effect: null, left };
  const target = { connection, object, canonicalId, vendorId: targetId };
  return { effect: { ...target, mapping, about, fields, asDecided: true, expects }, left };
}

/** What the fields that were written held before, as far as it is known. Pure. */
export function heldBefore(write: PlanWrite): JsonObject {
  return fieldsOf(write.payload).reduce<JsonObject>((fields, field) => {
    const value = formerValue(write, field);
    return value === undefined || value === null ? fields : withValue(fields, field, value);
  }, {});
}

/** What a field held before; undefined where nobody knows. */
function formerValue(write: PlanWrite, field: string): Json | undefined {
  const { held, before, former, decided } = write;
  const over = decided.find((each) => each.field === field && each.did === 'wrote');
  if (over !== undefined) return over.theirs;
  if (held !== null) return valueAt(held.fields, field) ?? null;
  if (before !== null && before.absent !== true) return valueAt(before.fields, field) ?? null;
  return former === null ? undefined : valueAt(former, field);
}
