import type * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import { companySetting, saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';
import { IncidentPolicy } from '../incident-policy.ts';

export { IncidentPolicy };

/** Who sees to incidents, and who is told next. */
export function getIncidentPolicy(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
): Promise<IncidentPolicy> {
  return deps.store.readTenant(caller.tenantId, (tx) => companySetting(tx, 'incidents'));
}

/**
 * Replaces who sees to incidents and who is told next, with defaults for what is not given; the audit tells what it was.
 * Throws NotFoundError for a person that there is not, and ValidationError for one who is disabled.
 */
export function putIncidentPolicy(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  given: z.input<typeof IncidentPolicy>,
): Promise<IncidentPolicy> {
  const policy = IncidentPolicy.parse(given);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const named = policy.steps.flatMap(({ tell }) => ('person' in tell ? [tell.person] : []));
    for (const id of [...(policy.owner === null ? [] : [policy.owner]), ...named]) {
      const { name, status } = await getUser(tx, id);
      if (status === 'disabled')
        throw new ValidationError(`${name} is disabled and cannot be told of anything.`);
    }
    const before = await saveSetting(tx, 'incidents', policy, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'incident_policy.changed',
      subject: { type: 'settings', id: 'incidents' },
      details: { before, after: policy },
    });
    return policy;
  });
}
