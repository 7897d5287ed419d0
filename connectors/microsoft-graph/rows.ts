import { prototypeKeyIn } from '../../src/sdk/exact-json.ts';
import { isObject } from '../../src/sdk/json-client.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { unreadable } from '../../src/sdk/read-only.ts';
import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';

/** A part number and the service plans behind a `skuId`, which is all that a user's assignment names. */
export interface SkuNames {
  readonly partNumber: string;
  readonly plans: ReadonlySet<string>;
}

export type ReadRow = SourceRecord | UnreadableRecord;

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

type Checked = { readonly id: string; readonly data: JsonObject } | UnreadableRecord;

/** A row with its identity, or why it has none. */
function checked(stream: string, row: Json): Checked {
  if (!isObject(row)) return unreadable(null, 'not_an_object', `A row of ${stream} is no object.`);
  const id = textOf(row['id']);
  if (id === null) return unreadable(null, 'no_id', `A row of ${stream} has no id.`);
  const key = prototypeKeyIn(row);
  if (key === null) return { id, data: row };
  return unreadable(id, 'forbidden_member', `${stream} ${id} has a member named "${key}", which is never data.`); // prettier-ignore
}

/** The names behind each `skuId` of the directory. */
export function namesOf(rows: readonly Json[]): ReadonlyMap<string, SkuNames> {
  return new Map(
    rows.filter(isObject).flatMap((row) => {
      const [skuId, partNumber] = [textOf(row['skuId']), textOf(row['skuPartNumber'])];
      if (skuId === null || partNumber === null) return [];
      const plans = listOf(row['servicePlans']).flatMap((plan) =>
        isObject(plan) ? (textOf(plan['servicePlanId']) ?? []) : [],
      );
      return [[skuId, { partNumber, plans: new Set(plans) }] as const];
    }),
  );
}

/** A pool of seats as it came. */
export function skuRow(row: Json): ReadRow {
  const read = checked('subscribedSkus', row);
  return 'outcome' in read ? read : { ...read, stamp: null, deleted: false };
}

/**
 * A user. Beside what Graph says, each assigned licence carries its part number, and whether all of its service plans
 * are switched off for this user: such a licence counts as assigned and gives nothing.
 */
export function userRow(row: Json, names: ReadonlyMap<string, SkuNames>): ReadRow {
  const read = checked('users', row);
  if ('outcome' in read) return read;
  const assignedLicenses = listOf(read.data['assignedLicenses'])
    .filter(isObject)
    .map((assigned) => withNames(assigned, names));
  return { id: read.id, stamp: null, deleted: false, data: { ...read.data, assignedLicenses } };
}

function withNames(assigned: JsonObject, names: ReadonlyMap<string, SkuNames>): JsonObject {
  const skuId = textOf(assigned['skuId']) ?? '';
  const known = names.get(skuId);
  const disabled = new Set(listOf(assigned['disabledPlans']));
  const plans = [...(known?.plans ?? [])];
  return {
    ...assigned,
    skuPartNumber: known?.partNumber ?? skuId,
    allPlansDisabled: plans.length > 0 && plans.every((plan) => disabled.has(plan)),
  };
}
