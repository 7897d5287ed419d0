import { budgetView, type BudgetView } from '../../intake/budgets.ts';
import { liveConnection } from '../../intake/connections.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** The call budget of a connection, with what is used of it today. Throws NotFoundError. */
export function getBudget(deps: Deps, caller: Caller, connection: string): Promise<BudgetView> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    await liveConnection(tx, connection);
    return await budgetView(tx, connection);
  });
}
