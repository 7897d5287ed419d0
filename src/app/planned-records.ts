import type { Effect } from '../delivery/effect.ts';
import { heldBefore, wasMade, type PlanWrite } from '../delivery/plan-writes.ts';
import { sameForm } from '../delivery/same-value.ts';
import { fieldsOf, valueAt } from '../delivery/three-way.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { externalIdOf } from '../kernel/ids.ts';
import type { PlanNames } from './plan-names.ts';
import type { PresentValues } from './plan-present.ts';

/** What becomes of one record. */
export interface PlannedRecord {
  readonly connection: string;
  readonly object: string;
  readonly vendorId: string | null;
  /** What people call it: its number or name, where it was read. */
  readonly name: string | null;
  /** `unread`: its system could not be asked, so nobody knows what is there. */
  readonly does: 'create' | 'update' | 'nothing' | 'unread';
  /** Fields that would hold another value, with the present one. */
  readonly fields: readonly PlannedField[];
}

interface PlannedField {
  readonly field: string;
  /** What the business calls it; null where its mapping does not say. */
  readonly label: string | null;
  readonly present: Json;
  readonly planned: Json;
  /** What people call the records that the values refer to. */
  readonly presentName: string | null;
  readonly plannedName: string | null;
}

/** What was there before: as somebody looked, else as it was kept with the write. */
interface Before {
  readonly vendorId: string | null;
  readonly fields: JsonObject | null;
}

/** The records of a plan in words: each with the fields that become others. Pure. */
export function plannedRecords(
  tenantId: string,
  effects: readonly Effect[],
  seen: {
    readonly present: PresentValues | null;
    readonly writes: readonly PlanWrite[];
    readonly names: PlanNames;
  },
): readonly PlannedRecord[] {
  const looked = new Map((seen.present?.records ?? []).map((each) => [each.externalId, each]));
  const written = new Map(seen.writes.map((each) => [each.externalId, each]));
  return effects.map((effect) => {
    const id = externalIdOf({ tenantId, ...effect });
    const write = written.get(id);
    const before = looked.get(id) ?? (write === undefined ? undefined : beforeOf(write));
    const vendorId = before?.vendorId ?? write?.vendorId ?? effect.vendorId;
    return recordOf(effect, { ...seen, before, vendorId });
  });
}

function beforeOf(write: PlanWrite): Before {
  return { vendorId: write.vendorId, fields: wasMade(write) ? null : heldBefore(write) };
}

function recordOf(
  effect: Effect,
  {
    before,
    vendorId,
    names,
  }: {
    readonly before: Before | undefined;
    readonly vendorId: string | null;
    readonly names: PlanNames;
  },
): PlannedRecord {
  const { connection, object } = effect;
  const held = before?.fields ?? null;
  const fields = fieldsOf(effect.fields).flatMap((field): readonly PlannedField[] => {
    const planned = valueAt(effect.fields, field) ?? null;
    const present = held === null ? null : (valueAt(held, field) ?? null);
    if (sameForm(planned, present)) return [];
    const [presentName, plannedName] = [names.valueName(effect, field, present), names.valueName(effect, field, planned)]; // prettier-ignore
    return [{ field, label: names.label(effect, field), present, planned, presentName, plannedName }]; // prettier-ignore
  });
  const does = before === undefined ? 'unread' : held === null ? 'create' : fields.length === 0 ? 'nothing' : 'update'; // prettier-ignore
  return { connection, object, vendorId, name: names.recordName(connection, object, vendorId), does, fields }; // prettier-ignore
}
