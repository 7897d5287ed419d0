import { NotFoundError } from '../../kernel/errors.ts';
import type { Fact } from '../../ledger/fact.ts';
import { latestRun, listPositions } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Deps } from '../deps.ts';
import { dealHops, opportunityHops, rightsHops } from '../trace/deal-hops.ts';
import { findDeals } from '../trace/find-deals.ts';
import { hopsOf, type TraceHop } from '../trace/trace-hop.ts';

/** The way of one record through every system. */
export interface Trace {
  readonly id: string;
  readonly hops: readonly TraceHop[];
}

/**
 * Follows an id of any system: source record, facts with their mapping versions, deal, plan, what was written and read
 * back, the ERP's order and lines, rights, renewals, and the positions that they count in with their rule versions.
 * Throws NotFoundError when nothing here has heard of it.
 */
export function traceId(deps: Deps, caller: Caller, id: string): Promise<Trace> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const found = await findDeals(tx, id);
    const hops: TraceHop[] = [];
    for (const ref of found.opportunityRefs) hops.push(...(await opportunityHops(tx, ref)));
    const entitlements: Fact<'entitlement'>[] = [];
    for (const deal of found.deals) {
      hops.push(...(await dealHops(tx, deal)));
      const rights = await rightsHops(tx, deal.id);
      hops.push(...rights.hops);
      entitlements.push(...rights.entitlements);
    }
    if (hops.length === 0)
      hops.push(...hopsOf(found.facts, (fact) => `${fact.noun} known since ${fact.recordedFrom}`));
    hops.push(...(await positionHops(tx, entitlements)));
    if (hops.length === 0) throw new NotFoundError(`Nothing here has heard of "${id}".`);
    return { id, hops };
  });
}

async function positionHops(
  tx: TenantTx,
  entitlements: readonly Fact<'entitlement'>[],
): Promise<readonly TraceHop[]> {
  const run = await latestRun(tx);
  if (run === undefined || entitlements.length === 0) return [];
  const pools = new Set(entitlements.map((fact) => `${fact.body.ownerRef}/${fact.body.skuCode}`));
  const lines = await listPositions(tx, { runId: run.id });
  return lines
    .filter(({ line }) => pools.has(`${line.ownerRef}/${line.skuCode}`))
    .map(({ line }) => ({
      kind: 'position',
      system: 'trueup',
      object: 'position',
      id: line.id,
      at: run.finishedAt,
      summary: `${line.skuCode} of ${line.ownerName ?? line.ownerRef}: owned ${line.rightsOwned ?? 'unknown'}, required ${line.rightsRequired}, ${line.status}`,
      mapping: null,
      rules:
        line.metricCode === null
          ? run.ruleVersions
          : { [`metric.${line.metricCode}`]: line.metricVersion ?? 0 },
    }));
}
