import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { nextPeriod } from '../../licensing/cycles/cycle-period.ts';
import { cyclesToFollow, keepCycle, type Cycle } from '../../licensing/cycles/cycles.ts';
import { takeOverdue } from '../../licensing/cycles/remediation-tasks.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { tell } from '../tell.ts';

const ACTOR = 'system:tend-cycles';

/** Opens the next cycle of each series whose last one is signed and over, and tells of tasks that became overdue, each once. */
export async function tendCycles(deps: Deps, context: JobContext): Promise<void> {
  const today = deps.clock.today();
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    for (const cycle of await cyclesToFollow(tx, today)) await follow(tx, cycle);
    for (const { id, cycleId, owner } of await takeOverdue(tx, today))
      await tell(tx, {
        type: 'remediation.overdue',
        subject: `remediation_task:${id}`,
        data: { taskId: id, cycleId, owner },
      });
  });
}

async function follow(tx: TenantTx, cycle: Cycle): Promise<void> {
  const { seriesId, name, scope, frequency, anchorDay, owner } = cycle;
  const period = nextPeriod({ frequency, anchorDay, to: cycle.period.to });
  if (period === null) return;
  const head = { name, scope, frequency, anchorDay, owner, period };
  const id = await keepCycle(tx, { ...head, follows: seriesId, by: ACTOR });
  await appendAudit(tx, {
    actor: ACTOR,
    action: 'cycle.opened',
    subject: { type: 'reconciliation_cycle', id },
    details: { name, after: cycle.id, ...period, owner },
  });
}
