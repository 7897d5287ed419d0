import type { TenantTx } from '../db/store.ts';
import { StaleError, ValidationError } from '../kernel/errors.ts';
import { addEvent } from './incident-timeline.ts';
import {
  getIncident,
  INCIDENT_COLUMNS,
  INCIDENT_KINDS,
  type Incident,
  type IncidentCause,
  type Severity,
} from './incidents.ts';

/** Incidents, newest first. */
export async function listIncidents(
  tx: TenantTx,
  filter: {
    readonly status?: Incident['status'] | undefined;
    readonly kind?: string | undefined;
    readonly severity?: Severity | undefined;
    readonly owner?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Incident[]> {
  return tx.sql<Incident>(
    `select ${INCIDENT_COLUMNS} from incident n
     where ($1::text is null or n.status = $1) and ($2::text is null or n.kind = $2)
       and ($3::text is null or n.severity = $3) and ($4::text is null or n.owner = $4)
       and ($5::text is null or n.id < $5) order by n.id desc limit $6`,
    [
      filter.status ?? null,
      filter.kind ?? null,
      filter.severity ?? null,
      filter.owner ?? null,
      filter.before ?? null,
      filter.limit,
    ],
  );
}

/** Incidents of which nobody has told yet, whoever opened them; from now on they count as told. */
export async function takeUntold(tx: TenantTx): Promise<readonly Incident[]> {
  return tx.sql<Incident>(
    `update incident n set announced = true where n.status = 'open' and not n.announced returning ${INCIDENT_COLUMNS}`,
  );
}

/** How many incidents are open. */
export async function countOpenIncidents(tx: TenantTx): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from incident n where n.status = 'open'`,
  );
  return row?.count ?? 0;
}

/** Says that a person has taken notice, so that nobody else is told for now. A second word changes nothing. */
export async function acknowledgeIncident(
  tx: TenantTx,
  id: string,
  person: string,
): Promise<Incident> {
  const incident = await takeOpen(tx, id);
  if (incident.ackedAt !== null && incident.ackedBy === person) return incident;
  await tx.run(`update incident set acked_at = app.clock(), acked_by = $2 where id = $1`, [
    id,
    person,
  ]);
  await addEvent(tx, id, { kind: 'acknowledged', actor: person, text: 'Taken notice of.' });
  return getIncident(tx, id);
}

/** Names who sees to it; null for nobody. `name` is for the timeline. */
export async function assignIncident(
  tx: TenantTx,
  id: string,
  owner: { readonly id: string; readonly name: string } | null,
  person: string,
): Promise<Incident> {
  await takeOpen(tx, id);
  await tx.run(`update incident set owner = $2 where id = $1`, [id, owner?.id ?? null]);
  const text = owner === null ? 'Nobody sees to it any more.' : `${owner.name} sees to it.`;
  const details = { owner: owner?.id ?? null };
  await addEvent(tx, id, { kind: 'assigned', actor: person, text, details });
  return getIncident(tx, id);
}

/** Adds a person's words to the timeline; also to that of a closed incident. */
export async function commentOnIncident(
  tx: TenantTx,
  id: string,
  text: string,
  person: string,
): Promise<Incident> {
  await getIncident(tx, id, 'for update');
  await addEvent(tx, id, { kind: 'commented', actor: person, text: requireText(text) });
  return getIncident(tx, id);
}

/**
 * Closes it with its cause. Throws StaleError where it is closed already, or where its condition lasts: that is mended
 * first. Throws ValidationError without words.
 */
export async function closeIncident(
  tx: TenantTx,
  id: string,
  closing: { readonly cause: IncidentCause; readonly text: string; readonly person: string },
): Promise<Incident> {
  const { cause, person } = closing;
  const text = requireText(closing.text);
  const { kind, clearedAt, title } = await takeOpen(tx, id);
  if (INCIDENT_KINDS[kind].lasts && clearedAt === null) {
    throw new StaleError(
      `The condition of incident ${id} lasts: ${title} Mend it; once it is gone the incident can be closed.`,
    );
  }
  await tx.run(
    `update incident set status = 'closed', closed_at = app.clock(), closed_by = $2, cause = $3, cause_text = $4 where id = $1`,
    [id, person, cause, text],
  );
  await addEvent(tx, id, { kind: 'closed', actor: person, text, details: { cause } });
  return getIncident(tx, id);
}

async function takeOpen(tx: TenantTx, id: string): Promise<Incident> {
  const incident = await getIncident(tx, id, 'for update');
  if (incident.status === 'open') return incident;
  throw new StaleError(`The incident ${id} is closed already. Nothing was changed.`);
}

function requireText(text: string): string {
  const trimmed = text.trim();
  if (trimmed !== '') return trimmed;
  throw new ValidationError('Say it in words.');
}

/** One step of an escalation: from which age on somebody else is told. */
export interface EscalationStep {
  readonly afterHours: number;
}

/** An incident for which the time of its next step has come. */
export interface Escalation {
  readonly incident: Incident;
  readonly step: number;
  readonly ageHours: number;
}

/**
 * Open incidents whose condition lasts, or whose cause nobody has said, and for which the next of `steps` is due: so old,
 * and not taken notice of within the last `ackHours`. `now` is the database's.
 */
export function dueEscalations(
  incidents: readonly Incident[],
  policy: { readonly steps: readonly EscalationStep[]; readonly ackHours: number },
  now: Date,
): readonly Escalation[] {
  const hoursSince = (at: Date): number => (now.getTime() - at.getTime()) / 3_600_000;
  return incidents.flatMap((incident) => {
    const step = policy.steps[incident.escalated];
    const ageHours = hoursSince(incident.openedAt);
    const isQuiet = incident.ackedAt !== null && hoursSince(incident.ackedAt) < policy.ackHours;
    if (step === undefined || ageHours < step.afterHours || isQuiet) return [];
    return [{ incident, step: incident.escalated, ageHours }];
  });
}

/** Notes that a step was taken: who was told. */
export async function noteEscalation(
  tx: TenantTx,
  { incident, step, ageHours }: Escalation,
  told: { readonly text: string; readonly people: readonly string[] },
): Promise<void> {
  await tx.run(`update incident set escalated = $2 where id = $1`, [incident.id, step + 1]);
  await addEvent(tx, incident.id, {
    kind: 'escalated',
    actor: 'system:watch-incidents',
    text: told.text,
    details: { step: step + 1, afterHours: Math.floor(ageHours), people: [...told.people] },
  });
}
