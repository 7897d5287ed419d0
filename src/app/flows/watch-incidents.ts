import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import {
  assignIncident,
  dueEscalations,
  listIncidents,
  noteEscalation,
  takeUntold,
} from '../../delivery/handle-incident.ts';
import { clearUnseen, openIncident, type Incident } from '../../delivery/incidents.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { getUser } from '../../security/users.ts';
import { companySetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';
import { incidentConditions, WATCHED } from '../incident-conditions.ts';
import { toldBy, type IncidentPolicy } from '../incident-policy.ts';
import { leasedTx } from '../leased-tx.ts';
import { tell } from '../tell.ts';
import { tellNewCauses } from '../tell-new-causes.ts';

const ACTOR = 'system:watch-incidents';
const MOST_OPEN = 1_000;

/**
 * Looks at everything that needs people: opens one incident for each condition, says of the open ones that lasts or has
 * passed, and tells who is next of those that have waited too long. Run twice, it does nothing the second time.
 */
export function watchIncidents(deps: Pick<Deps, 'store'>, context: JobContext): Promise<void> {
  return leasedTx(deps, context, async (tx) => {
    const policy = await companySetting(tx, 'incidents');
    const seen: string[] = [];
    for (const sighting of await incidentConditions(tx)) {
      const opened = await openIncident(tx, sighting);
      if (opened !== null) seen.push(opened);
    }
    for (const incident of await takeUntold(tx)) await announce(tx, incident, policy);
    const { closed } = await clearUnseen(tx, WATCHED, seen);
    for (const id of closed) await audit(tx, 'incident.passed', id);
    await escalate(tx, policy);
    await tellNewCauses(tx);
  });
}

async function announce(
  tx: TenantTx,
  { id, kind, key, severity }: Incident,
  policy: IncidentPolicy,
): Promise<void> {
  await audit(tx, 'incident.opened', id, { kind, key });
  await tell(tx, {
    type: 'incident.opened',
    subject: `incident:${id}`,
    data: { incidentId: id, kind, severity },
  });
  if (policy.owner === null) return;
  const owner = await getUser(tx, policy.owner);
  if (owner.status === 'active') await assignIncident(tx, id, owner, ACTOR);
}

async function escalate(tx: TenantTx, policy: IncidentPolicy): Promise<void> {
  const open = await listIncidents(tx, { status: 'open', limit: MOST_OPEN });
  const steps = policy.steps.map(({ afterHours }) => ({ afterHours }));
  const due = dueEscalations(open, { steps, ackHours: policy.ackHours }, await tx.clock());
  for (const escalation of due) {
    const step = policy.steps[escalation.step];
    if (step === undefined) continue;
    const told = await toldBy(tx, step);
    await noteEscalation(tx, escalation, told);
    await audit(tx, 'incident.escalated', escalation.incident.id, {
      step: escalation.step + 1,
      people: told.people,
    });
  }
}

function audit(
  tx: TenantTx,
  action: string,
  id: string,
  details: Readonly<Record<string, string | number | readonly string[]>> = {},
): Promise<void> {
  return appendAudit(tx, { actor: ACTOR, action, subject: { type: 'incident', id }, details });
}
