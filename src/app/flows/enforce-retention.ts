import { appendAudit } from '../../audit/audit-log.ts';
import { giveUpWaiting } from '../../delivery/webhooks/deliveries.ts';
import { removeOldEvents } from '../../delivery/webhooks/events.ts';
import { removeExpired, type IntakeRemoved } from '../../intake/retention.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Caller } from '../../security/caller.ts';
import { companySetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

const ROWS = 5_000;
/** What waits for a paused webhook endpoint is given up after so long. */
const WAITING_DAYS = 30;

/** How many rows of each kind were removed; `events`: of those told to webhooks, kept for as long as pushes from vendors. */
type Removed = IntakeRemoved & { readonly events: number };

export interface Enforced {
  readonly removed: Removed;
  /** False if the rounds ran out first: call again to go on. */
  readonly done: boolean;
}

/**
 * Gives up what waited too long for a paused webhook endpoint, and removes what the company no longer keeps, a bounded number of rows a transaction, each of them audited with its
 * counts. Facts, intents, plans, findings and the audit itself are never removed by age.
 */
export async function enforceRetention(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  bounds: { readonly rounds: number; readonly rows?: number },
): Promise<Enforced> {
  let removed: Removed = {
    sourceRecordVersions: 0,
    runs: 0,
    resolvedErrors: 0,
    peopleRemovals: 0,
    peopleHolds: 0,
    inbox: 0,
    usageEvents: 0,
    events: 0,
  };
  for (let round = 0; round < bounds.rounds; round += 1) {
    const step = await deps.store.withTenant(caller.tenantId, async (tx) => {
      const retention = await companySetting(tx, 'retention');
      const most = bounds.rows ?? ROWS;
      const givenUp = await giveUpEvents(tx, caller, most);
      const counts = {
        ...(await removeExpired(tx, retention, most)),
        events: await removeOldEvents(tx, retention.inbox, most),
      };
      if (!isNothing(counts)) {
        await appendAudit(tx, {
          actor: caller.actor,
          action: 'retention.enforced',
          subject: { type: 'settings', id: 'retention' },
          details: { days: retention, removed: counts },
        });
      }
      return { counts, givenUp };
    });
    if (isNothing(step.counts) && step.givenUp === 0) return { removed, done: true };
    removed = plus(removed, step.counts);
  }
  return { removed, done: false };
}

/** Gives up events that waited too long for a paused endpoint, which is put into the audit; returns how many. */
async function giveUpEvents(tx: TenantTx, caller: Caller, most: number): Promise<number> {
  const byEndpoint = await giveUpWaiting(tx, WAITING_DAYS, most);
  for (const [id, events] of byEndpoint) {
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'webhook_endpoint.events_given_up',
      subject: { type: 'webhook_endpoint', id },
      details: { events, days: WAITING_DAYS },
    });
  }
  return [...byEndpoint.values()].reduce((sum, events) => sum + events, 0);
}

function isNothing(counts: Removed): boolean {
  return Object.values(counts).every((count) => count === 0);
}

function plus(a: Removed, b: Removed): Removed {
  return {
    sourceRecordVersions: a.sourceRecordVersions + b.sourceRecordVersions,
    runs: a.runs + b.runs,
    resolvedErrors: a.resolvedErrors + b.resolvedErrors,
    peopleRemovals: a.peopleRemovals + b.peopleRemovals,
    peopleHolds: a.peopleHolds + b.peopleHolds,
    inbox: a.inbox + b.inbox,
    usageEvents: a.usageEvents + b.usageEvents,
    events: a.events + b.events,
  };
}
