import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { newId } from '../kernel/ids.ts';

/** One step of what happened and who did what. */
export interface IncidentEvent {
  readonly id: string;
  readonly at: Date;
  readonly kind:
    | 'opened'
    | 'seen_again'
    | 'came_back'
    | 'cleared'
    | 'escalated'
    | 'acknowledged'
    | 'assigned'
    | 'commented'
    | 'closed';
  readonly actor: string;
  readonly text: string;
  readonly details: JsonObject;
}

/** Adds a step to the timeline. */
export async function addEvent(
  tx: TenantTx,
  incidentId: string,
  event: Pick<IncidentEvent, 'kind' | 'actor' | 'text'> & { readonly details?: JsonObject },
): Promise<void> {
  await tx.run(
    `insert into incident_event (tenant_id, incident_id, id, kind, actor, text, details) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tx.tenantId,
      incidentId,
      newId('evt'),
      event.kind,
      event.actor,
      event.text,
      JSON.stringify(event.details ?? {}),
    ],
  );
}

/** The timeline, oldest first. */
export async function timelineOf(
  tx: TenantTx,
  incidentId: string,
): Promise<readonly IncidentEvent[]> {
  return tx.sql<IncidentEvent>(
    `select e.id, e.at, e.kind, e.actor, e.text, e.details from incident_event e where e.incident_id = $1 order by e.id`,
    [incidentId],
  );
}
