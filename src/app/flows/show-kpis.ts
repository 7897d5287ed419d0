import { NotFoundError } from '../../kernel/errors.ts';
import { varianceOf, type VarianceRow } from '../../licensing/four-way/variance.ts';
import {
  findingKpis,
  KPI_GROUPS,
  utilisationOf,
  type FindingKpi,
  type KpiGroup,
  type Utilisation,
} from '../../licensing/kpis.ts';
import { computePositions } from '../../licensing/position.ts';
import { latestRun, listFindings, listRuns } from '../../licensing/runs.ts';
import type { Snapshot } from '../../licensing/snapshot.ts';
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
    const { snapshot } = await loadSnapshot(tx, run.asOf, new Date(run.knownAt));
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
      utilisation: utilisationOf(rows, grouping(by, snapshot)),
      findings: findingKpis(await listFindings(tx, { status: 'any' }), { today: run.asOf, days }),
      trend: [...lastOfDay.values()].map(({ id, asOf, counts }) => ({
        runId: id,
        asOf,
        ...counts,
      })),
    };
  });
}

function grouping(by: KpiGroup, snapshot: Snapshot): (row: VarianceRow) => string {
  const countries = new Map(
    snapshot.organizations.map((each) => [each.externalRef, each.body.countryCode]),
  );
  switch (by) {
    case 'product':
      return ({ skuCode }) => skuCode;
    case 'customer':
      return ({ ownerName, ownerRef }) => ownerName ?? ownerRef;
    case 'country':
      return ({ ownerRef }) => countries.get(ownerRef) ?? 'unknown';
    case 'posture':
      return ({ posture }) => posture;
  }
}
