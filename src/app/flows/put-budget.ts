import { appendAudit } from '../../audit/audit-log.ts';
import {
  budgetView,
  callBudget,
  saveBudget,
  type BudgetView,
  type CallBudget,
} from '../../intake/budgets.ts';
import { liveConnection } from '../../intake/connections.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { wakeReads } from '../park-stream.ts';
import { wakeDelivery } from '../wake-delivery.ts';

/**
 * Replaces the call budget of a connection; the audit tells what it was before. Processes that call the system keep to
 * it within a second. Throws NotFoundError.
 */
export function putBudget(
  deps: Deps,
  caller: Caller,
  connection: string,
  budget: CallBudget,
): Promise<BudgetView> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const stored = await liveConnection(tx, connection);
    const before = await callBudget(tx, connection);
    await saveBudget(tx, connection, budget);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'connection.budget-changed',
      subject: { type: 'connection', id: connection },
      details: { before: { ...before }, after: { ...budget } },
    });
    // What waits for its budget tries again now.
    await wakeReads(deps, tx, stored);
    await wakeDelivery(deps, tx, stored);
    return await budgetView(tx, connection);
  });
}
