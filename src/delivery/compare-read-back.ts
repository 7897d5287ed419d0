import type { JsonObject } from '../kernel/hash.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import { differences } from './same-value.ts';

/** What reading back says about one intent. */
export type ReadBackVerdict =
  /** The other system shows this intent and its values. */
  | { readonly kind: 'applied'; readonly vendorId: string }
  /** The other system has no such record, or an older revision of ours: the write did not land. */
  | { readonly kind: 'absent' }
  /** The record carries this intent; only fields that later calls write are not there yet. */
  | {
      readonly kind: 'incomplete';
      readonly vendorId: string;
      readonly fields: readonly string[];
      readonly reason: string;
    }
  /** The record carries this intent, but a value is not what was sent; or it carries an intent that is not ours. */
  | {
      readonly kind: 'conflict';
      readonly vendorId: string;
      readonly fields: readonly string[];
      readonly reason: string;
    };

/**
 * Compares an intent with what the vendor holds under its external id. Only fields that were sent are compared:
 * what the vendor adds is its own. `knownIntents` are our intent ids for this external id, `partFields` the fields
 * that the connector writes by calls of their own.
 */
export function compareReadBack(
  intent: { readonly id: string; readonly payload: JsonObject },
  record: ReadBackRecord | undefined,
  knownIntents: ReadonlySet<string>,
  partFields: readonly string[] = [],
): ReadBackVerdict {
  if (record === undefined) return { kind: 'absent' };
  if (
    record.intentId === null ||
    (record.intentId !== intent.id && knownIntents.has(record.intentId))
  )
    return { kind: 'absent' };
  if (record.intentId !== intent.id) {
    return {
      kind: 'conflict',
      vendorId: record.vendorId,
      fields: [],
      reason: 'the record carries an intent that is not ours',
    };
  }
  const fields = differences(intent.payload, record.fields, '');
  if (fields.length === 0) return { kind: 'applied', vendorId: record.vendorId };
  const isPart = (path: string): boolean => partFields.includes(path.split(/[.[]/)[0] ?? '');
  return {
    kind: fields.every(isPart) ? 'incomplete' : 'conflict',
    vendorId: record.vendorId,
    fields,
    reason: 'another writer changed fields after us',
  };
}
