import { appendAudit } from '../../audit/audit-log.ts';
import { getConnection } from '../../intake/connections.ts';
import {
  endShadow,
  getShadow,
  listShadows,
  shadowDifferences,
  type ShadowDifference,
  type ShadowRun,
} from '../../mapping/shadow-runs.ts';
import { liveVersion } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { personalView } from '../personal-view.ts';

type StoreOnly = Pick<Deps, 'store'>;

/** One shadow run with its totals. Throws NotFoundError. */
export function showShadow(deps: StoreOnly, caller: Caller, id: string): Promise<ShadowRun> {
  return deps.store.readTenant(caller.tenantId, (tx) => getShadow(tx, id));
}

/** The shadow runs that are kept, newest first. */
export function listShadowRuns(
  deps: StoreOnly,
  caller: Caller,
  filter: Parameters<typeof listShadows>[1],
): Promise<readonly ShadowRun[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => listShadows(tx, filter));
}

/**
 * Differences of a shadow run, from a position on. Who may not see personal data sees masks in its place. Throws
 * NotFoundError.
 */
export function showShadowDifferences(
  deps: Pick<Deps, 'store' | 'mappings' | 'registry'>,
  caller: Caller,
  input: { readonly id: string } & Parameters<typeof shadowDifferences>[2],
): Promise<readonly (ShadowDifference & { readonly position: number })[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { mappingId, connection } = await getShadow(tx, input.id);
    const differences = await shadowDifferences(tx, input.id, input);
    const { connector } = await getConnection(tx, connection);
    const live = await liveVersion(tx, deps.mappings, mappingId);
    const view = personalView(deps.registry, caller, connector, {
      draft: null,
      live: live?.document ?? null,
      shipped: deps.mappings.find(mappingId)?.document ?? null,
    });
    return differences.map((difference) => ({
      ...difference,
      items: difference.items.map((item) => ({ ...item, fields: item.fields.map(view.field) })),
    }));
  });
}

/** Ends a running shadow run after the chunk that it is at; what it found stays. Throws NotFoundError. */
export function cancelShadow(deps: StoreOnly, caller: Caller, id: string): Promise<ShadowRun> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { mappingId } = await getShadow(tx, id);
    if (await endShadow(tx, id, 'cancelled')) {
      await appendAudit(tx, {
        actor: caller.actor,
        action: 'mapping.shadow-cancelled',
        subject: { type: 'mapping', id: mappingId },
        details: { shadow: id },
      });
    }
    return getShadow(tx, id);
  });
}
