import { countOpenIncidents } from '../../delivery/handle-incident.ts';
import { countIntents } from '../../delivery/intents.ts';
import { countWaitingForPeople, type WaitingForPeople } from '../../delivery/waiting-for-people.ts';
import { countWaitingWrites } from '../../delivery/write-groups.ts';
import { listListeners, type ChangeListener } from '../../intake/change-checkpoints.ts';
import { isLive, listConnections } from '../../intake/connections.ts';
import { countOpenHolds } from '../../intake/people-holds.ts';
import { countOpenQuarantine } from '../../intake/quarantine.ts';
import { latestRun, type ReconciliationSummary } from '../../licensing/runs.ts';
import { countWaitingChanges } from '../../mapping/changes.ts';
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
  /** Whether the changes of connections that ask for it are listened to; a broken one is read on schedule alone. */
  readonly changeListeners: readonly ChangeListener[];
  readonly intents: Readonly<Record<string, number>>;
  readonly openErrors: number;
  /** Writes that wait for a person: refused, in conflict, or unknown for long. */
  readonly waitingWrites: number;
  readonly openIncidents: number;
  /** Mass deactivations that wait for a person's word. */
  readonly openPeopleHolds: number;
  /** What goes on only once a person has said so. */
  readonly waiting: WaitingForPeople & { readonly mappingRequests: number };
  readonly stuckWork: readonly StuckWork[];
  readonly latestReconciliation: ReconciliationSummary | null;
}

/** The state of the company's connections, effects, errors and reconciliation. */
export function showStatus(deps: Deps, caller: Caller): Promise<Status> {
  return deps.store.readTenant(caller.tenantId, async (tx) => ({
    connections: (await listConnections(tx))
      .filter(isLive)
      .map(({ id, status, mode }) => ({ id, status, mode })),
    changeListeners: await listListeners(tx),
    intents: await countIntents(tx),
    openErrors: await countOpenQuarantine(tx),
    waitingWrites: await countWaitingWrites(tx),
    openIncidents: await countOpenIncidents(tx),
    openPeopleHolds: await countOpenHolds(tx),
    waiting: {
      ...(await countWaitingForPeople(tx)),
      mappingRequests: await countWaitingChanges(tx),
    },
    stuckWork: await listStuck(tx),
    latestReconciliation: (await latestRun(tx)) ?? null,
  }));
}
