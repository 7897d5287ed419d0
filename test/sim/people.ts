import type { Deps } from '../../src/app/deps.ts';
import { decidePeopleHold } from '../../src/app/flows/decide-people-hold.ts';
import { listPeopleHolds } from '../../src/app/flows/list-people-holds.ts';
import { putPeopleLimits } from '../../src/app/flows/put-people-limits.ts';
import type { Caller } from '../../src/security/caller.ts';
import { count, type Tally } from './happenings.ts';
import type { Seeded } from './seeded.ts';

/** The people of the company: how many ends they believe, of accounts and of records, and what they say about too many. */
export interface People {
  /** Sets how many may end without their word. */
  setLimits(): Promise<void>;
  /** Decides about everything that waits for them. True if something did. */
  decide(): Promise<boolean>;
}

export function createPeople(
  deps: Deps,
  caller: Caller,
  { seeded, tally }: { readonly seeded: Seeded; readonly tally: Tally },
): People {
  return {
    setLimits: async () => {
      await putPeopleLimits(deps, caller, {
        people: seeded.pick([0, 1, 3, 10]),
        percent: seeded.pick([0, 5, 100]),
        hours: 24,
        records: seeded.pick([0, 2, 20]),
        recordsPercent: seeded.pick([0, 10, 100]),
      });
    },
    decide: async () => {
      const holds = await listPeopleHolds(deps, caller, { limit: 100 });
      const waiting = holds.filter(({ status }) => status === 'open' || status === 'rejected');
      for (const { id, status, removals } of waiting) {
        // A word that was taken back is as good as the first one.
        if (status === 'open' && seeded.chance(0.3))
          await decidePeopleHold(deps, caller, { id, decision: 'rejected' });
        await decidePeopleHold(deps, caller, { id, decision: 'confirmed' });
        count(tally, 'confirmed holds');
        count(tally, 'held removals', removals);
      }
      return waiting.length > 0;
    },
  };
}
