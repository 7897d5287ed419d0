import type { TenantTx } from '../../db/store.ts';
import { streamState, type StreamState } from '../../intake/checkpoints.ts';
import { landPage } from '../../intake/landing.ts';
import { StaleError } from '../../kernel/errors.ts';
import type { JobContext } from '../../sdk/flows.ts';
import type { Page, ReadWindow } from '../../sdk/record.ts';
import type { Deps } from '../deps.ts';
import { mapWork, request } from '../request.ts';
import { retryReads } from '../retry-reads.ts';

/** One read of one stream that is under way. */
export interface Pull {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly runId: string;
  readonly stream: string;
}

/** A state whose window is frozen. */
export type FrozenState = StreamState & { readonly window: ReadWindow };

/** Asks the source, again after a passing failure. */
export function ask<T>(pull: Pull, read: () => Promise<T>): Promise<T> {
  return retryReads(read, pull.context.signal);
}

/** A transaction that only the holder of the lease can commit. */
export function inTx<T>(pull: Pull, fn: (tx: TenantTx) => Promise<T>): Promise<T> {
  return pull.deps.store.withTenant(pull.context.tenantId, async (tx) => {
    await pull.context.hold(tx);
    return fn(tx);
  });
}

/** A look at the store without writing. */
export function look<T>(pull: Pull, fn: (tx: TenantTx) => Promise<T>): Promise<T> {
  return pull.deps.store.readTenant(pull.context.tenantId, fn);
}

/** Where the read stands now. Throws StaleError when its run is gone or its window was never frozen. */
export async function standing(pull: Pull): Promise<FrozenState> {
  const state = await look(pull, (tx) => streamState(tx, pull.runId, pull.stream));
  if (state === null || state.window === null) {
    throw new StaleError(`The read of ${pull.stream} in ${pull.runId} is gone.`);
  }
  return { ...state, window: state.window };
}

/** Lands a page with its checkpoint, and asks for its mapping. With `goOn` the rest is left to a next turn. */
export function land(
  pull: Pull,
  connection: string,
  page: Page,
  pageNumber: number,
  goOn: boolean,
): Promise<void> {
  const { deps, runId, stream } = pull;
  return inTx(pull, async (tx) => {
    const landed = await landPage(tx, { runId, connection, stream, pageNumber }, page);
    if (landed.changed) await request(deps, tx, [mapWork(runId, stream, pageNumber)]);
    if (!goOn) return;
    await request(deps, tx, [
      { job: 'pull', key: `${runId}/${stream}`, payload: { runId, stream } },
    ]);
  });
}
