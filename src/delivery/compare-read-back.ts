import type { JsonObject } from '../kernel/hash.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import { differences } from './same-value.ts';

/** What reading back says about one intent. */
export type ReadBackVerdict =
  /** The other system shows this intent and its values. */
  | { readonly kind: 'applied'; readonly vendorId: string }
  /** The other system has no such record, or an older revision of ours: the write did not land. */
  | { readonly kind: 'absent' }
  /** It shows a later revision of ours: to send this one would write old values over newer ones. */
  | { readonly kind: 'newer'; readonly vendorId: string }
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
 * The verdict where several records of the vendor answer to one of our keys; null where it is one, or none. Nobody knows
 * which is meant: a person merges them.
 */
export function severalUnderOneKey(records: readonly ReadBackRecord[]): ReadBackVerdict | null {
  const ids = [...new Set(records.map(({ vendorId }) => vendorId))].toSorted();
  const [vendorId] = ids;
  if (vendorId === undefined || ids.length === 1) return null;
  const reason = `several records carry this key and have to be merged there: ${ids.join(', ')}`;
  return { kind: 'conflict', vendorId, fields: [], reason };
}

/**
 * Compares an intent with what the vendor holds under its external id. Only fields that were sent are compared:
 * what the vendor adds is its own. `knownIntents` are the revisions of our intent ids for this external id, `partFields`
 * the fields that the connector writes by calls of their own.
 */
export function compareReadBack(
  intent: { readonly id: string; readonly revision: number; readonly payload: JsonObject },
  record: ReadBackRecord | undefined,
  knownIntents: ReadonlyMap<string, number>,
  partFields: readonly string[] = [],
): ReadBackVerdict {
  if (record === undefined || record.intentId === null) return { kind: 'absent' };
  const { intentId, vendorId } = record;
  if (intentId !== intent.id) {
    const revision = knownIntents.get(intentId);
    if (revision !== undefined)
      return revision > intent.revision ? { kind: 'newer', vendorId } : { kind: 'absent' };
    return {
      kind: 'conflict',
      vendorId,
      fields: [],
      reason: 'the record carries an intent that is not ours',
    };
  }
  const fields = differences(intent.payload, record.fields, '');
  if (fields.length === 0) return { kind: 'applied', vendorId };
  const isPart = (path: string): boolean => partFields.includes(path.split(/[.[]/)[0] ?? '');
  return {
    kind: fields.every(isPart) ? 'incomplete' : 'conflict',
    vendorId,
    fields,
    reason: 'another writer changed fields after us',
  };
}
