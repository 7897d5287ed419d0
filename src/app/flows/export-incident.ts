import { listAudit, type AuditEvent } from '../../audit/list-audit.ts';
import type { TenantTx } from '../../db/store.ts';
import { timelineOf } from '../../delivery/incident-timeline.ts';
import { getIncident, type Incident } from '../../delivery/incidents.ts';
import type { Caller } from '../../security/caller.ts';
import { listUsers } from '../../security/users.ts';
import type { Deps } from '../deps.ts';
import { narrativeText, type Narrative } from '../incident-narrative.ts';
import { viewOf } from './list-incidents.ts';

const ACTIONS_OF_EACH = 100;
const ACTIONS = 500;

/**
 * An incident with its timeline and, for who may read the audit, with what people and the program did meanwhile to what it
 * touches. Throws NotFoundError.
 */
export function exportIncident(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  id: string,
): Promise<Narrative & { readonly markdown: string }> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const incident = await getIncident(tx, id);
    const { openedAt, closedAt } = incident;
    const timeline = await timelineOf(tx, id);
    const actions = caller.permissions.has('audit:read') ? await actionsOn(tx, incident) : null;
    const actors = new Set([...timeline, ...(actions ?? [])].map(({ actor }) => actor));
    const people = (await listUsers(tx))
      .map(({ id: person, name }) => [`person:${person}`, name] as const)
      .filter(([actor]) => actors.has(actor));
    const narrative: Narrative = {
      incident: await viewOf(tx, incident),
      timeline,
      actions,
      people: Object.fromEntries(people),
      minutes:
        closedAt === null ? null : Math.round((closedAt.getTime() - openedAt.getTime()) / 60_000),
    };
    return { ...narrative, markdown: narrativeText(narrative) };
  });
}

async function actionsOn(
  tx: TenantTx,
  { refs, openedAt, closedAt }: Incident,
): Promise<readonly AuditEvent[]> {
  const actions: AuditEvent[] = [];
  for (const { id } of refs)
    actions.push(...(await listAudit(tx, { subject: id, limit: ACTIONS_OF_EACH })));
  return actions
    .filter(({ at }) => at >= openedAt && (closedAt === null || at <= closedAt))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, ACTIONS);
}
