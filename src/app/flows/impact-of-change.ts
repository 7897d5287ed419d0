import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { impactOf } from '../impact-of-change.ts';
import type { Impact } from '../impact-moves.ts';
import { openBench, type BenchInput } from '../mapping-bench.ts';

/**
 * What would move if a draft were in effect: customers, documents, service dates, rights and renewals. The same is
 * stored with a request to publish it. Throws a ValidationError for a text that does not fit.
 */
export function impactOfDraft(deps: Deps, caller: Caller, input: BenchInput): Promise<Impact> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { draft, live, connection } = await openBench(deps, tx, input);
    return impactOf(deps, tx, {
      draft: draft.mapping,
      live: live?.mapping ?? null,
      connection: connection.id,
    });
  });
}
