import { NotFoundError } from '../../kernel/errors.ts';
import { cycleKpis, type CycleKpis } from '../../licensing/cycles/cycle-kpis.ts';
import { getCycle } from '../../licensing/cycles/cycles.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** The figures of a cycle, and how they moved from one to the next. Throws NotFoundError, also before the first figures. */
export function showCycleKpis(deps: Deps, caller: Caller, id: string): Promise<CycleKpis> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const cycle = await getCycle(tx, id);
    const content = cycle.now?.content ?? null;
    if (content === null)
      throw new NotFoundError(`The cycle ${id} has no figures yet. Compute them with: trueup cycles compute ${id}`); // prettier-ignore
    return cycleKpis(tx, cycle, content, deps.clock.today());
  });
}
