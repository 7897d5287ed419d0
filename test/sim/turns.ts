import { buildFlows } from '../../src/app/build-flows.ts';
import type { Deps } from '../../src/app/deps.ts';
import type { Store } from '../../src/db/store.ts';
import type { WorkRef } from '../../src/queue/port.ts';
import { createRunner } from '../../src/queue/runner.ts';
import type { Crew } from './crew.ts';
import type { Seeded } from './seeded.ts';
import { virtualTime } from './virtual-time.ts';

/** More turns than any seed needs: a job that asks for itself at once would go on for ever. */
const MAX_TURNS = 500;

/** Who works on what: due work is given out in turns, and a turn ends with its slowest worker. */
export interface Turns {
  /**
   * Works off what is due with so many workers, until nothing is; a storm may go on, and is left after so many turns.
   * Throws when calm work never ends.
   */
  drain(workers: number, stormTurns?: number): Promise<void>;
  /** Ends every lease, as if their holders had been silent for too long, and starts one more worker on that work. */
  takeOver(): Promise<void>;
}

interface TurnDeps {
  readonly deps: Deps;
  readonly crew: Crew;
  readonly tenantId: string;
  /** The store as nobody in particular reaches it: no worker runs while it is asked. */
  readonly store: Store;
  readonly seeded: Seeded;
  /** What is simulated. What follows is left in the outbox. */
  readonly jobs: readonly string[];
}

export function createTurns({ deps, crew, tenantId, store, seeded, jobs }: TurnDeps): Turns {
  const run = createRunner({ ...deps, jobs: deps.registry.jobs, flows: buildFlows(deps) });
  const never = new AbortController().signal;
  const beside: Promise<void>[] = [];

  /** Where work stands in line; hints open runs too, and none may stand there by its random id. */
  const ordinal = ({ job, key }: WorkRef, runs: readonly string[]): string => {
    const [runId = '', ...rest] = key.split('/');
    return [job, String(runs.indexOf(runId)).padStart(4, '0'), ...rest.map((part) => part.padStart(6, '0'))].join('/');
  }; // prettier-ignore
  const due = async (): Promise<readonly WorkRef[]> => {
    const [rows, runs] = await store.readTenant(tenantId, async (tx) => {
      const work = await tx.sql<WorkRef>(
        `select w.tenant_id as "tenantId", w.job, w.key, w.version from outbox w
         where w.job = any($1) and w.not_before <= app.clock() and (w.lease_until is null or w.lease_until <= app.clock())`,
        [jobs],
      );
      const isInLine = work.length > 1;
      return [work, isInLine ? await tx.sql<{ id: string }>(`select id from run order by id`) : []];
    });
    const ids = runs.map(({ id }) => id);
    return rows.toSorted((left, right) => (ordinal(left, ids) < ordinal(right, ids) ? -1 : 1));
  };
  /** True if work was held by a worker. */
  const endLeases = (): Promise<boolean> =>
    store.withTenant(
      tenantId,
      async (tx) =>
        (await tx.run(
          `update outbox set lease_until = app.clock() where job = any($1) and lease_until > app.clock()`,
          [jobs],
        )) > 0,
    );
  /** True if work waited for its time, which has come now. */
  const endWaits = async (): Promise<boolean> => {
    const [next] = await store.readTenant(tenantId, (tx) =>
      tx.sql<{ due: Date | null }>(
        `select min(not_before) as due from outbox
         where job = any($1) and not_before > app.clock() and not_before < 'infinity'`,
        [jobs],
      ),
    );
    const due = next?.due ?? null;
    if (due !== null) virtualTime.advanceTo(due.getTime());
    return due !== null;
  };

  const turn = async (workers: number, work: readonly WorkRef[]): Promise<void> => {
    const hands = crew.hands(workers);
    const chosen = seeded.shuffled(work).slice(0, workers);
    const started = hands
      .slice(0, chosen.length)
      .map((worker, at) => crew.run(worker, () => run(chosen[at] as WorkRef, never)));
    await Promise.all(started);
    while (beside.length > 0) await beside.pop();
  };

  return {
    drain: async (workers, stormTurns) => {
      for (let turns = 0; turns < (stormTurns ?? MAX_TURNS); turns += 1) {
        const work = await due();
        if (work.length > 0) await turn(workers, work);
        // Nobody works any more: who still holds something is dead.
        else if (!(await endLeases()) && !(await endWaits())) return;
      }
      if (stormTurns !== undefined) return;
      throw new Error(`After ${MAX_TURNS} turns there is still work.`);
    },
    takeOver: async () => {
      await endLeases();
      const [first] = (await due()).filter(({ job }) => job === 'pull' || job === 'deliver');
      if (first !== undefined) beside.push(crew.run(crew.extra(), () => run(first, never)));
    },
  };
}
