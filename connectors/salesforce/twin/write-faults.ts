import type { Faults, FaultRule } from '../../../src/sdk/twin-kit/faults.ts';
import type { MutationResult, Mutations, Origin } from './mutations.ts';
import type { TwinObject } from './schema.ts';
import type { TwinState } from './state.ts';
import { vendorError, type VendorError } from './vendor-error.ts';

const LOCKED = vendorError(
  'UNABLE_TO_LOCK_ROW',
  'unable to obtain exclusive access to this record or 1 records',
);

/** What a rule for `partial` says against an item; a validation rule of the organisation where it says nothing. */
function complaint(rule: FaultRule): VendorError {
  const { code, message } = rule.with ?? {};
  return vendorError(
    typeof code === 'string' ? code : 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    typeof message === 'string' ? message : 'refused by a validation rule',
  );
}

/**
 * Writes under the fault plan. `row_lock` and `partial` (`{ code?, message? }`) refuse single records that come over
 * the API; `late` (`{ seconds }`) commits any change under an older stamp.
 */
export function withWriteFaults(mutations: Mutations, state: TwinState, faults: Faults): Mutations {
  const under = (
    object: TwinObject,
    id: string | undefined,
    origin: Origin,
    apply: () => MutationResult,
  ): MutationResult => {
    if (origin === 'api') {
      const isLocked = faults.fires('row_lock', object.name, id) !== undefined;
      const refused = isLocked ? undefined : faults.fires('partial', object.name, id);
      if (isLocked) return { ok: false, id: id ?? null, errors: [LOCKED] };
      if (refused !== undefined) return { ok: false, id: id ?? null, errors: [complaint(refused)] };
    }
    const late = faults.fires('late', object.name, id);
    return late === undefined ? apply() : state.late(Number(late.with?.['seconds'] ?? 300), apply);
  };
  return {
    create: (object, fields, origin) =>
      under(object, undefined, origin, () => mutations.create(object, fields, origin)),
    update: (object, id, fields, origin) =>
      under(object, id, origin, () => mutations.update(object, id, fields, origin)),
    remove: (object, id, origin) =>
      under(object, id, origin, () => mutations.remove(object, id, origin)),
    undelete: (object, id, origin) =>
      under(object, id, origin, () => mutations.undelete(object, id, origin)),
    purge: (object, id, origin) =>
      under(object, id, origin, () => mutations.purge(object, id, origin)),
    merge: (object, id, into, origin) =>
      under(object, id, origin, () => mutations.merge(object, id, into, origin)),
  };
}
