import type { TenantTx } from '../db/store.ts';
import { streamState, type StreamState } from '../intake/checkpoints.ts';
import { landPage, type LandedPage, type LandingOutcome } from '../intake/landing.ts';
import { finishRunIfDone } from '../intake/runs.ts';
import { StaleError } from '../kernel/errors.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { Page, ReadWindow } from '../sdk/record.ts';
import type { Deps } from './deps.ts';
import { followRun } from './follow-ups.ts';
import { mapWork, request } from './request.ts';
import { retryReads } from './retry-reads.ts';

/** One stream of a run while a worker reads it. */
export interface StreamPull {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly runId: string;
  readonly stream: string;
}

/** A stream whose window is frozen. */
export type OpenStream = StreamState & { readonly window: ReadWindow };

/** Asks the source, again after a passing failure. */
export function readSource<T>(pull: StreamPull, ask: () => Promise<T>): Promise<T> {
  return retryReads(ask, pull.context.signal);
}

/** Looks into the store, without a lease: nothing is written. */
export function lookUp<T>(
  { deps, context }: StreamPull,
  fn: (tx: TenantTx) => Promise<T>,
): Promise<T> {
  return deps.store.readTenant(context.tenantId, fn);
}

/** Where the stream stands now. Throws a StaleError when the run is gone. */
export async function stateNow(pull: StreamPull): Promise<OpenStream> {
  const { runId, stream } = pull;
  const state = await lookUp(pull, (tx) => streamState(tx, runId, stream));
  if (state?.window === null || state === null) {
    throw new StaleError(`The read of ${stream} in ${runId} is gone.`);
  }
  return { ...state, window: state.window };
}

/** Lands one page with its checkpoint and asks for it to be mapped, in the caller's transaction. */
export async function landAndMap(
  tx: TenantTx,
  { deps, runId, stream }: StreamPull,
  place: { readonly connection: string; readonly pageNumber: number },
  page: Page,
): Promise<LandedPage> {
  const landed = await landPage(tx, { ...place, runId, stream }, page);
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

/** Counts what a page brought. To be called once its transaction is committed: a page that comes again counts once. */
export function countLanded({ deps, stream }: StreamPull, { outcomes }: LandedPage): void {
  for (const letter of Object.keys(OUTCOMES) as readonly LandingOutcome[]) {
    const count = outcomes[letter];
    if (count > 0) deps.observe?.countRecords(stream, OUTCOMES[letter], count);
  }
}

/** Ends the run with its last stream, and asks for what follows it. */
export async function endRunIfDone(
  tx: TenantTx,
  { deps, runId }: StreamPull,
  connection: string,
): Promise<void> {
  if (await finishRunIfDone(tx, runId)) await followRun(deps, tx, { id: runId, connection });
}
