import { countIntents } from '../../delivery/intents.ts';
import { isLive, listConnections } from '../../intake/connections.ts';
import { countOpenQuarantine } from '../../intake/quarantine.ts';
import { latestRun, type ReconciliationSummary } from '../../licensing/runs.ts';
import { listStuck, type StuckWork } from '../../queue/outbox.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What needs a person today, in counts. */
export interface Status {
  readonly connections: readonly {
    readonly id: string;
    readonly status: string;
    readonly mode: string;
  }[];
  readonly intents: Readonly<Record<string, number>>;
  readonly openErrors: number;
  readonly stuckWork: readonly StuckWork[];
  readonly latestReconciliation: ReconciliationSummary | null;
}

/** The state of the company's connections, effects, errors and reconciliation. */
export function showStatus(deps: Deps, caller: Caller): Promise<Status> {
  return deps.store.readTenant(caller.tenantId, async (tx) => ({
    connections: (await listConnections(tx))
      .filter(isLive)
      .map(({ id, status, mode }) => ({ id, status, mode })),
    intents: await countIntents(tx),
    openErrors: await countOpenQuarantine(tx),
    stuckWork: await listStuck(tx),
    latestReconciliation: (await latestRun(tx)) ?? null,
  }));
}
