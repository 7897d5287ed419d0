import { NotFoundError } from '../../kernel/errors.ts';
import { explainLine, type LineExplanation } from '../../licensing/explain.ts';
import { getLine, getRun } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadSnapshot } from '../load-snapshot.ts';

/** A line taken apart down to source records, with the run that computed it. */
export interface PositionExplanation extends LineExplanation {
  readonly runId: string;
  readonly asOf: string;
  readonly knownAt: string;
  readonly ruleVersions: Readonly<Record<string, number>>;
  readonly ruleSets: Readonly<Record<string, string>>;
  readonly factorTables: Readonly<Record<string, string>>;
}

/**
 * Explains a position line as it was computed: the world is read again as known then, so the explanation is of that
 * figure and not of today's. Throws NotFoundError.
 */
export function explainPosition(
  deps: Deps,
  caller: Caller,
  input: { readonly lineId: string; readonly runId?: string | undefined },
): Promise<PositionExplanation> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { runId } = await getLine(tx, input.lineId, input.runId);
    const run = await getRun(tx, runId);
    const { snapshot } = await loadSnapshot(tx, run.asOf, new Date(run.knownAt));
    const explanation = explainLine(input.lineId, snapshot, deps.registry.metrics);
    if (explanation === undefined) {
      throw new NotFoundError(
        `Line ${input.lineId} of ${runId} cannot be taken apart: the facts behind it are gone.`,
      );
    }
    return {
      ...explanation,
      runId,
      asOf: run.asOf,
      knownAt: run.knownAt,
      ruleVersions: run.ruleVersions,
      ruleSets: run.ruleSets,
      factorTables: run.factorTables,
    };
  });
}
