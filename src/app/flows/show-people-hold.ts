import {
  getHold,
  removalsOf,
  type HeldRemoval,
  type PeopleHold,
} from '../../intake/people-holds.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** A hold with its records, and the name of each login that the ledger still has. */
export interface PeopleHoldView extends PeopleHold {
  readonly records: readonly (HeldRemoval & { readonly userName: string | null })[];
}

/** One hold with at most 500 of its records. Throws NotFoundError. */
export function showPeopleHold(deps: Deps, caller: Caller, id: string): Promise<PeopleHoldView> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const hold = await getHold(tx, id);
    const records = await removalsOf(tx, id);
    const refs = records.map((each) => each.recordId);
    const accounts = await factsOf(tx, 'userAccount', { connection: hold.connection, refs });
    const names = new Map(accounts.map((fact) => [fact.externalRef, fact.body.userName]));
    return {
      ...hold,
      records: records.map((each) => ({ ...each, userName: names.get(each.recordId) ?? null })),
    };
  });
}
