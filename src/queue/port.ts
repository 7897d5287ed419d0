import type { Lane } from '../sdk/define-job.ts';

/** Names one row of the outbox as it was when it was asked for. Ids only: the queue never carries facts. */
export interface WorkRef {
  readonly tenantId: string;
  readonly job: string;
  readonly key: string;
  readonly version: number;
}

/** Does one piece of work. Never throws: what happened is in the outbox, and the queue is not asked to retry. */
export type RunWork = (ref: WorkRef, signal: AbortSignal) => Promise<void>;

export type LaneCounts = Readonly<Record<Lane, number>>;

/**
 * What wakes workers. It may lose or repeat a wake-up; the outbox says what is due and who does it, and the
 * sweeper asks again.
 */
export interface Queue {
  /**
   * Wakes workers for these rows, one tenant after the other in turn. A wake-up that is still waiting is not
   * repeated, unless `nudge` differs: the sweeper changes it, so that a wake-up which the queue holds but
   * will never hand out cannot hide this one. Throws StoreUnavailable when the backend does not answer.
   */
  enqueue(refs: readonly WorkRef[], nudge?: string): Promise<void>;
  /** Starts one worker per lane, with so many pieces of work at a time. Call it once. */
  start(run: RunWork, concurrency: LaneCounts): Promise<void>;
  /**
   * Takes no new work, waits up to `graceMs` for what runs, then aborts its signals, and closes every
   * connection. Work that was cut short is handed back by its runner.
   */
  close(graceMs: number): Promise<void>;
  /** One round trip; throws StoreUnavailable when the backend does not answer. */
  ping(): Promise<void>;
  /** Wake-ups that wait or run, per lane; for gauges only. */
  depth(): Promise<LaneCounts>;
}
