import { listIncidents as list } from '../../delivery/handle-incident.ts';
import { timelineOf, type IncidentEvent } from '../../delivery/incident-timeline.ts';
import { getIncident, type Incident, type Severity } from '../../delivery/incidents.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Caller } from '../../security/caller.ts';
import { listUsers } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

/** An incident with the names of people, whom the ids alone would not tell. */
export interface IncidentView extends Omit<Incident, 'owner'> {
  readonly owner: { readonly id: string; readonly name: string } | null;
}

/** Incidents, newest first; `owner` is a person's id. */
export function listIncidents(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  filter: {
    readonly status?: Incident['status'] | undefined;
    readonly kind?: string | undefined;
    readonly severity?: Severity | undefined;
    readonly owner?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly IncidentView[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    withOwners(tx, await list(tx, filter)),
  );
}

/** One incident with its timeline. Throws NotFoundError. */
export function showIncident(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  id: string,
): Promise<IncidentView & { readonly timeline: readonly IncidentEvent[] }> {
  return deps.store.readTenant(caller.tenantId, async (tx) => ({
    ...(await viewOf(tx, await getIncident(tx, id))),
    timeline: await timelineOf(tx, id),
  }));
}

/** One incident with the name of its owner. */
export async function viewOf(tx: TenantTx, incident: Incident): Promise<IncidentView> {
  const [view] = await withOwners(tx, [incident]);
  return view ?? { ...incident, owner: null };
}

async function withOwners(
  tx: TenantTx,
  incidents: readonly Incident[],
): Promise<readonly IncidentView[]> {
  if (incidents.length === 0) return [];
  const names = new Map((await listUsers(tx)).map(({ id, name }) => [id, name]));
  return incidents.map(({ owner, ...incident }) => ({
    ...incident,
    owner: owner === null ? null : { id: owner, name: names.get(owner) ?? owner },
  }));
}
