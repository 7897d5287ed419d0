import type { Flows } from '../sdk/flows.ts';
import type { Deps } from './deps.ts';
import { applyPlan } from './flows/apply-plan.ts';
import { deliver } from './flows/deliver.ts';
import { deriveUsage } from './flows/derive-usage.ts';
import { detectClosedWon } from './flows/detect-closed-won.ts';
import { mapGuarded } from './flows/map-guarded.ts';
import { offerCancellation } from './flows/offer-cancellation.ts';
import { publishWhenDue } from './flows/publish-change.ts';
import { pullStream } from './flows/pull-stream.ts';
import { runReconciliation } from './flows/run-reconciliation.ts';
import { sendWebhooks } from './flows/send-webhooks.ts';
import { showStatuses } from './flows/show-statuses.ts';
import { startScheduledPull } from './flows/start-scheduled-pull.ts';
import { syncEntitlements } from './flows/sync-entitlements.ts';
import { syncReconciliation } from './flows/sync-reconciliation.ts';
import { syncRenewals } from './flows/sync-renewals.ts';
import { tendCycles } from './flows/tend-cycles.ts';
import { watchIncidents } from './flows/watch-incidents.ts';

/** The use cases that jobs start, with what they work on bound. */
export function buildFlows(deps: Deps): Flows {
  return {
    pullStream: (context, payload) => pullStream(deps, context, payload),
    startScheduledPull: (context, payload) => startScheduledPull(deps, context, payload),
    mapPage: (context, payload) => mapGuarded(deps, context, payload),
    detectClosedWon: (context) => detectClosedWon(deps, context),
    applyPlan: (context, payload) => applyPlan(deps, context, payload),
    syncEntitlements: (context) => syncEntitlements(deps, context),
    syncRenewals: (context) => syncRenewals(deps, context),
    reconcile: (context, payload) => runReconciliation(deps, context, payload),
    syncReconciliation: (context) => syncReconciliation(deps, context),
    tendCycles: (context) => tendCycles(deps, context),
    deriveUsage: (context) => deriveUsage(deps, context),
    publishMapping: (context, payload) => publishWhenDue(deps, context, payload),
    offerCancellation: (context, payload) => offerCancellation(deps, context, payload),
    showStatuses: (context) => showStatuses(deps, context),
    sendWebhooks: (context) => sendWebhooks(deps, context),
    watchIncidents: (context) => watchIncidents(deps, context),
    deliver: (context, payload) => deliver(deps, context, payload),
  };
}
