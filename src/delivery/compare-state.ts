import type { JsonObject } from '../kernel/hash.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { ReadBackVerdict } from './compare-read-back.ts';
import type { SentOver } from './held-state.ts';
import { differences } from './same-value.ts';

/**
 * What reading back says about an intent where the vendor has no field for the intent id: a login that is on or off, a
 * seat that is given or not. The effect is a state and not an addition, so a record that is as asked proves it, whoever
 * brought it about, and asking twice for it changes nothing twice.
 *
 * Not as asked after a lost answer, the vendor's own version decides: as it was before the call, the call did not land,
 * and is made again. Moved on, ours may have landed and somebody may have undone it; sending again would undo that, so
 * a person looks. Where the vendor tells no version it is asked for again: the next send reads first, and the values
 * that it then meets are decided like any others. Pure.
 */
export function compareState(
  intent: { readonly payload: JsonObject; readonly state: string },
  record: ReadBackRecord | undefined,
  { held, overtaken, restored = false }: SentOver,
): ReadBackVerdict {
  if (record === undefined) return { kind: 'absent' };
  const { vendorId, version = null } = record;
  if (overtaken) return { kind: 'newer', vendorId };
  const fields = differences(intent.payload, record.fields, '');
  if (fields.length === 0) return { kind: 'applied', vendorId };
  const changed = { kind: 'conflict', vendorId, fields } as const;
  if (intent.state !== 'UNKNOWN')
    return { ...changed, reason: 'the vendor took the change and does not show it' };
  if (restored)
    return {
      ...changed,
      reason: 'the ledger was restored, and nobody knows whether this was sent and undone',
    };
  if (held === null || held.version === null || version === held.version) return { kind: 'absent' };
  return { ...changed, reason: 'the answer was lost, and the record has changed since' };
}
