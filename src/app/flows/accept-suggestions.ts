import { ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import { changeLookupTable, getLookupTable, lookupEntries } from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { followLookup, type LookupAfter } from '../keep-lookup.ts';

/** That a key means the same as one that the table has. */
export interface Accepted {
  readonly key: string;
  readonly like: string;
}

/**
 * Adds keys with the values of those that they mean, and has the records mapped again that asked for them. Throws
 * NotFoundError, PreconditionFailed, and a ValidationError where a key is there already or the one it is like is not.
 */
export function acceptSuggestions(
  deps: Deps,
  caller: Caller,
  input: {
    readonly name: string;
    readonly seen: string;
    readonly accept: readonly Accepted[];
    readonly note: string;
  },
): Promise<LookupAfter> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { name, seen } = input;
    const entries = await lookupEntries(tx, await getLookupTable(tx, name));
    const problems = input.accept.flatMap(({ key, like }, at) => {
      const refuse = (code: string, message: string) => [
        { pointer: `/accept/${at}`, code, message },
      ];
      if (entries.has(key)) return refuse('already_there', `The table has "${key}" already.`);
      return entries.has(like) ? [] : refuse('not_there', `The table has no "${like}".`);
    });
    if (problems.length > 0)
      throw new ValidationError(`Nothing was added to the lookup table "${name}".`, { details: { problems } }); // prettier-ignore
    const set = new Map<string, Json>(
      input.accept.map(({ key, like }) => [key, entries.get(like) ?? null]),
    );
    const told = input.accept.map(({ key, like }) => `${key} is ${like}`).join(', ');
    const note = input.note === '' ? told.slice(0, 2_000) : input.note;
    const edit = { name, seen, note, set, remove: [], person: caller.actor, action: 'accepted' } as const; // prettier-ignore
    const changed = await changeLookupTable(tx, edit);
    return followLookup(deps, tx, caller, changed, { action: 'lookup.accepted', note });
  });
}
