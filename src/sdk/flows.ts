/**
 * What a running job holds: the lease of its row in the outbox. A flow calls `hold` first in each of its
 * transactions, so a worker that was paused and lost the lease cannot write (fencing by the database clock).
 */
export interface JobContext {
  readonly tenantId: string;
  readonly signal: AbortSignal;
  /** Throws a StaleError when the lease was taken over. Pass the flow's own transaction. */
  hold(tx: LeaseTx): Promise<void>;
}

/** The part of a transaction that holding a lease needs. */
export interface LeaseTx {
  sql<Row extends object>(
    text: string,
    params?: readonly (string | number | null)[],
  ): Promise<readonly Row[]>;
}

export interface PullStreamPayload {
  readonly runId: string;
  readonly stream: string;
}

export interface ScheduledPullPayload {
  readonly connection: string;
  /** True for the periodic proof: everything is compared by keys, and what differs is read. */
  readonly proof?: boolean | undefined;
}

export interface MapPagePayload {
  readonly runId: string;
  readonly stream: string;
  readonly pageNumber: number;
}

/** The use cases that jobs start. Each may run twice with the same payload and has its effect once. */
export interface Flows {
  /** Reads pages of one stream of a run until done or until its time slice ends; certifies the window. */
  pullStream(context: JobContext, payload: PullStreamPayload): Promise<void>;
  /** Opens a run over every stream of a connection because its schedule says so, unless one is under way. */
  startScheduledPull(context: JobContext, payload: ScheduledPullPayload): Promise<void>;
  /** Maps the landed records of one page into facts; quarantines what does not map. */
  mapPage(context: JobContext, payload: MapPagePayload): Promise<void>;
  /** Finds closed-won transitions and reopenings that have not fired yet and plans each once. */
  detectClosedWon(context: JobContext): Promise<void>;
  /** Applies an approved plan: draft entitlements and intents in one transaction; refuses if the inputs moved. */
  applyPlan(context: JobContext, payload: { readonly planId: string }): Promise<void>;
  /** Starts and reverses rights from ERP orders, then plans what the CRM shall show of them. */
  syncEntitlements(context: JobContext): Promise<void>;
  /** Computes renewals and plans the renewal opportunities and estimates that are due. */
  syncRenewals(context: JobContext): Promise<void>;
  /** Links identities, computes positions and findings of one reconciliation run. */
  reconcile(
    context: JobContext,
    payload: {
      readonly reconciliationId: string | null;
      /** Null is today. */
      readonly asOf: string | null;
      /** ISO 8601; null is now. */
      readonly knownAt: string | null;
    },
  ): Promise<void>;
  /** Plans the summary that the CRM shows on each account from the newest reconciliation. */
  syncReconciliation(context: JobContext): Promise<void>;
  /** Opens the cycles that follow signed ones, and tells of remediation tasks that became overdue. */
  tendCycles(context: JobContext): Promise<void>;
  /** Counts use anew where events of use, their definitions or product instances changed. */
  deriveUsage(context: JobContext): Promise<void>;
  /** Puts a scheduled change of a mapping in effect once its time has come. */
  publishMapping(context: JobContext, payload: { readonly changeId: string }): Promise<void>;
  /** Draws up the plan that offers for cancellation what a rolled back mapping version made in connected systems. */
  offerCancellation(context: JobContext, payload: { readonly changeId: string }): Promise<void>;
  /** Shows at records of connected systems where the plans about them stand. */
  showStatuses(context: JobContext): Promise<void>;
  /** Sends the events that are due to the company's webhooks. */
  sendWebhooks(context: JobContext): Promise<void>;
  /** Opens an incident for each condition that needs people, clears those that passed, and escalates by age. */
  watchIncidents(context: JobContext): Promise<void>;
  /** Sends, reads back and settles the open intents of one connection and object. */
  deliver(
    context: JobContext,
    payload: { readonly connection: string; readonly object: string },
  ): Promise<void>;
}
