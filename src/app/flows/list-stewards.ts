import { NotFoundError } from '../../kernel/errors.ts';
import type { StewardState } from '../../mapping/steward-states.ts';
import { ALL_OF_TYPE, StewardSubject } from '../../mapping/stewards.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { stewardView } from '../steward-view.ts';

export { StewardSubject };

/** Who answers for what, by type and id. */
export function listStewards(
  deps: Deps,
  caller: Caller,
  filter: {
    readonly type?: StewardSubject | undefined;
    readonly state?: 'unowned' | 'overdue' | undefined;
  },
): Promise<readonly StewardState[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    (await stewardView(deps, tx)).filter(
      (each) =>
        (filter.type === undefined || each.type === filter.type) &&
        (filter.state === undefined || (each.id !== ALL_OF_TYPE && each[filter.state])),
    ),
  );
}

/** Who answers for one thing. Throws NotFoundError for a thing that there is not. */
export function showSteward(
  deps: Deps,
  caller: Caller,
  wanted: { readonly type: StewardSubject; readonly id: string },
): Promise<StewardState> {
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    stewardOf(await stewardView(deps, tx), wanted),
  );
}

/** One thing among all. Throws NotFoundError. */
export function stewardOf(
  states: readonly StewardState[],
  { type, id }: { readonly type: StewardSubject; readonly id: string },
): StewardState {
  const state = states.find((each) => each.type === type && each.id === id);
  if (state !== undefined) return state;
  throw new NotFoundError(
    `There is no ${type} "${id}". \`trueup stewards list --type ${type}\` shows those there are.`,
  );
}
