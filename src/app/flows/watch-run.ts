import type { RunProgress } from '../../intake/run-progress.ts';
import { getRun, type Run } from '../../intake/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { watchProgress } from '../run-watch.ts';

/** One moment of a run that somebody follows. The stamp names the state. */
export type RunMoment =
  | { readonly kind: 'progress'; readonly stamp: string; readonly progress: RunProgress }
  | { readonly kind: 'end'; readonly stamp: string; readonly run: Run };

/**
 * Follows a run: its state now, unless that is the one with the stamp `after`; then each change, once a second at most;
 * and at the end, when all streams have ended and all pages are mapped (or mapping stands still), the whole run. A parked
 * run is followed until it has gone on and ended. Throws NotFoundError at the first moment.
 */
export async function* watchRun(
  { store }: Pick<Deps, 'store'>,
  { tenantId }: Pick<Caller, 'tenantId'>,
  id: string,
  options: { readonly after?: string | undefined; readonly signal: AbortSignal },
): AsyncGenerator<RunMoment, void> {
  for await (const seen of watchProgress(store, tenantId, id, options.signal)) {
    const { stamp, progress } = seen;
    if (seen.isFinal) {
      yield { kind: 'end', stamp, run: await store.readTenant(tenantId, (tx) => getRun(tx, id)) };
      return;
    }
    if (stamp !== options.after) yield { kind: 'progress', stamp, progress };
  }
}
