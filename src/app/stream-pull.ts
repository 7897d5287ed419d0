import type { TenantTx } from '../db/store.ts';
import { streamState, type StreamState } from '../intake/checkpoints.ts';
import { landPage, type LandedPage, type LandingOutcome } from '../intake/landing.ts';
import type { ReadPage } from '../intake/read-contents.ts';
import { finishRunIfDone, settleRunStatus } from '../intake/runs.ts';
import { StaleError } from '../kernel/errors.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { Page, ReadWindow } from '../sdk/record.ts';
import type { Deps } from './deps.ts';
import { followRun } from './follow-ups.ts';
import { createPacing, type Lane } from './pacing.ts';
import { mapWork, request } from './request.ts';
import { retryReads } from './retry-reads.ts';

/** One stream of a run while a worker reads it. */
export interface StreamPull {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly runId: string;
  readonly stream: string;
  readonly connection: string;
}

/** A stream whose window is frozen. */
export type OpenStream = StreamState & { readonly window: ReadWindow };

/** How the connection of a pull is asked. */
export function laneOf({ deps, context, connection }: StreamPull): Lane {
  return (deps.pacing ?? createPacing()).lane(context.tenantId, connection);
}

/** Asks the source, again after a passing failure. */
export function readSource<T>(pull: StreamPull, ask: () => Promise<T>): Promise<T> {
  return retryReads(ask, laneOf(pull), pull.context.signal);
}

/** Looks into the store, without a lease: nothing is written. */
export function lookUp<T>(
  { deps, context }: StreamPull,
  fn: (tx: TenantTx) => Promise<T>,
): Promise<T> {
  return deps.store.readTenant(context.tenantId, fn);
}

/** Where the stream stands. Throws a StaleError when the run is gone. */
export async function stateOf(
  tx: TenantTx,
  { runId, stream }: Pick<StreamPull, 'runId' | 'stream'>,
): Promise<StreamState> {
  const state = await streamState(tx, runId, stream);
  if (state !== null) return state;
  throw new StaleError(`The read of ${stream} in ${runId} is gone.`);
}

/** Where a stream stands whose window is frozen. Throws a StaleError when the run is gone. */
export async function stateNow(pull: StreamPull): Promise<OpenStream> {
  const { window, ...state } = await lookUp(pull, (tx) => stateOf(tx, pull));
  if (window !== null) return { ...state, window };
  throw new StaleError(`The read of ${pull.stream} in ${pull.runId} has no window.`);
}

/** Lands one page with its checkpoint and asks for it to be mapped, in the caller's transaction. */
export async function landAndMap(
  tx: TenantTx,
  { deps, runId, stream, connection }: StreamPull,
  {
    window,
    ...place
  }: {
    readonly pageNumber: number;
    readonly since: string | null;
    readonly window: ReadWindow;
    readonly isFresh?: boolean;
  },
  page: Page | ReadPage,
  whenCompared?: () => void,
): Promise<LandedPage> {
  const { stampsRepeat } = window;
  const target = { ...place, runId, stream, connection, stampsRepeat };
  const landed = await landPage(tx, target, page, whenCompared);
  if (landed.changed) await request(deps, tx, [mapWork(runId, stream, place.pageNumber)]);
  return landed;
}

const OUTCOMES = {
  c: 'created',
  u: 'updated',
  n: 'unchanged',
  s: 'superseded',
  r: 'rejected',
  q: 'quarantined',
} as const satisfies Record<LandingOutcome, string>;

/**
 * Counts what a page brought, late rows by the read that caught them. To be called once its transaction is committed: a
 * page that comes again counts once.
 */
export function countLanded(
  { deps, stream }: StreamPull,
  { outcomes, late }: LandedPage,
  caught: 'overlap' | 'full pass',
): void {
  if (late > 0) deps.observe?.countLate?.(stream, caught, late);
  for (const letter of Object.keys(OUTCOMES) as readonly LandingOutcome[]) {
    const count = outcomes[letter];
    if (count > 0) deps.observe?.countRecords(stream, OUTCOMES[letter], count);
  }
}

/** Ends the run with its last stream, and asks for what follows it. Where the rest of it is parked, it says so. */
export async function endRunIfDone(
  tx: TenantTx,
  { deps, runId, connection }: StreamPull,
): Promise<void> {
  if (await finishRunIfDone(tx, runId)) await followRun(deps, tx, { id: runId, connection });
  else await settleRunStatus(tx, runId);
}
