import { NotFoundError } from '../../kernel/errors.ts';
import { factsOf } from '../../ledger/facts.ts';
import { varianceOf } from '../../licensing/four-way/variance.ts';
import { KPI_GROUPS, kpiGrouping, type KpiGroup } from '../../licensing/kpi-groups.ts';
import {
  findingKpis,
  utilisationOf,
  type FindingKpi,
  type Utilisation,
} from '../../licensing/kpis.ts';
import { computePositions } from '../../licensing/position.ts';
import { latestRun, listFindings, listRuns } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadSnapshot } from '../load-snapshot.ts';

export { KPI_GROUPS };

/** How a reconciliation came out, for the trend. */
export interface TrendPoint {
  readonly runId: string;
  readonly asOf: string;
  readonly positions: number;
  readonly findings: number;
  readonly opened: number;
  readonly resolved: number;
}

/** The figures of the licence work: use of what is owned, what was found and mended, and how that moves. */
export interface Kpis {
  readonly runId: string;
  readonly asOf: string;
  readonly by: KpiGroup;
  readonly utilisation: readonly Utilisation[];
  readonly findings: readonly FindingKpi[];
  /** One point a day, the last of that day, oldest first. */
  readonly trend: readonly TrendPoint[];
}

/** How many runs are looked through for the trend. */
const LOOK_BACK = 500;

/**
 * The figures of the newest reconciliation of today, findings over the last `days`. Throws NotFoundError before the first
 * reconciliation.
 */
export function showKpis(
  deps: Deps,
  caller: Caller,
  { by, days }: { readonly by: KpiGroup; readonly days: number },
): Promise<Kpis> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const run = await latestRun(tx);
    if (run === undefined) {
      throw new NotFoundError('Nothing was reconciled yet. Start with: trueup recon run');
    }
    const knownAt = new Date(run.knownAt);
    const { snapshot } = await loadSnapshot(tx, run.asOf, knownAt);
    const products = {
      models: await factsOf(tx, 'softwareModel', { knownAt }),
      products: await factsOf(tx, 'softwareProduct', { knownAt }),
    };
    const rows = varianceOf(snapshot, computePositions(snapshot, deps.registry.metrics));
    const runs = await listRuns(tx, LOOK_BACK);
    const lastOfDay = new Map(
      runs
        .filter(({ current }) => current)
        .toReversed()
        .map((each) => [each.asOf, each]),
    );
    return {
      runId: run.id,
      asOf: run.asOf,
      by,
      utilisation: utilisationOf(rows, kpiGrouping(by, snapshot, products)),
      findings: findingKpis(await listFindings(tx, { status: 'any' }), { today: run.asOf, days }),
      trend: [...lastOfDay.values()].map(({ id, asOf, counts }) => ({
        runId: id,
        asOf,
        ...counts,
      })),
    };
  });
}
