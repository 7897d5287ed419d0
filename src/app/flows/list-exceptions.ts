import {
  effectInLatestRun,
  previewException,
  type ExceptionEffect,
} from '../../licensing/exception-effect.ts';
import {
  exceptionAsApproved,
  ExceptionStatus,
  getException,
  listExceptions as list,
  type LicenceException,
} from '../../licensing/exception-requests.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadSnapshot } from '../load-snapshot.ts';

export { ExceptionStatus };

/** Exceptions, newest first. */
export function listExceptions(
  deps: Deps,
  caller: Caller,
  filter: Parameters<typeof list>[2],
): Promise<readonly LicenceException[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, deps.clock.today(), filter));
}

/** An exception with what it does to positions. */
interface ShownException extends LicenceException {
  /** `preview`: what it would do if it were approved today; `run`: what it did in the latest reconciliation. */
  readonly effect: {
    readonly basis: 'preview' | 'run';
    readonly runId: string | null;
    readonly lines: readonly ExceptionEffect[];
  };
}

/** One exception: a request with what an approval would do, any other with what it did last. Throws NotFoundError. */
export function showException(deps: Deps, caller: Caller, id: string): Promise<ShownException> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const today = deps.clock.today();
    const row = await getException(tx, id, today);
    if (row.status !== 'requested')
      return { ...row, effect: { basis: 'run', ...(await effectInLatestRun(tx, id)) } };
    const { snapshot } = await loadSnapshot(tx, today, await tx.clock());
    const lines = previewException(
      snapshot,
      deps.registry.metrics,
      exceptionAsApproved(row, today),
    );
    return { ...row, effect: { basis: 'preview', runId: null, lines } };
  });
}
