import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import {
  acknowledgeIncident,
  assignIncident,
  closeIncident,
  commentOnIncident,
} from '../../delivery/handle-incident.ts';
import { INCIDENT_CAUSES, type Incident, type IncidentCause } from '../../delivery/incidents.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import type { Deps } from '../deps.ts';
import { viewOf, type IncidentView } from './list-incidents.ts';

export { INCIDENT_CAUSES };

/** What a person does with an incident. */
export type IncidentStep =
  | { readonly do: 'acknowledge' }
  | { readonly do: 'assign'; readonly personId: string | null }
  | { readonly do: 'comment'; readonly text: string }
  | { readonly do: 'close'; readonly cause: IncidentCause; readonly text: string };

const PAST = {
  acknowledge: 'acknowledged',
  assign: 'assigned',
  comment: 'commented',
  close: 'closed',
} as const;

/**
 * Takes notice of an incident, names who sees to it, says something about it, or closes it with its cause. Throws
 * NotFoundError, StaleError for one that is closed already or, to be closed, lasts, and ValidationError for a person who is
 * disabled or where words are missing.
 */
export function handleIncident(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  input: IncidentStep & { readonly id: string },
): Promise<IncidentView> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const [incident, details] = await take(tx, caller, input);
    await appendAudit(tx, {
      actor: caller.actor,
      action: `incident.${PAST[input.do]}`,
      subject: { type: 'incident', id: input.id },
      details,
    });
    return viewOf(tx, incident);
  });
}

async function take(
  tx: TenantTx,
  { actor }: Caller,
  input: IncidentStep & { readonly id: string },
): Promise<readonly [Incident, JsonObject]> {
  const { id } = input;
  switch (input.do) {
    case 'acknowledge':
      return [await acknowledgeIncident(tx, id, actor), {}];
    case 'assign': {
      const owner = input.personId === null ? null : await activeUser(tx, input.personId);
      return [await assignIncident(tx, id, owner, actor), { person: input.personId }];
    }
    case 'comment':
      return [await commentOnIncident(tx, id, input.text, actor), {}];
    case 'close': {
      const { cause, text } = input;
      return [await closeIncident(tx, id, { cause, text, person: actor }), { cause }];
    }
  }
}

async function activeUser(tx: TenantTx, id: string) {
  const { name, status } = await getUser(tx, id);
  if (status === 'active') return { id, name };
  throw new ValidationError(`${name} is disabled and cannot see to anything.`);
}
