import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { ForbiddenError, StaleError } from '../../kernel/errors.ts';
import {
  endRulesRequest,
  getRulesRequest,
  lockRules,
  type RulesRequest,
} from '../../mapping/rules-requests.ts';
import type { Caller } from '../../security/caller.ts';
import { companySetting, MappingRules } from '../company-settings.ts';
import type { Deps } from '../deps.ts';
import { applyRules, rulesNow, rulesTag, type MappingRulesView } from '../mapping-rules.ts';

/**
 * Another administrator's yes to doing without a second person. Throws ForbiddenError for who asked, and StaleError for a
 * request that does not wait or was asked over other rules.
 */
export function confirmMappingRules(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<MappingRulesView> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const request = await requireWaiting(tx, id);
    if (request.requestedBy === caller.personId)
      throw new ForbiddenError(
        `${caller.personName} asked for it. Another administrator has to confirm it.`,
      );
    if (request.baseTag !== rulesTag(await companySetting(tx, 'mappings'))) {
      throw new StaleError(
        `The rules were changed since ${id} was asked for. Decline it, and ask again.`,
      );
    }
    await endRulesRequest(tx, id, 'confirmed', caller.personId);
    const { requestedBy } = request;
    await applyRules(tx, MappingRules.parse(request.rules), caller.actor, { request: id, requestedBy }); // prettier-ignore
    return rulesNow(tx);
  });
}

/** Refuses a request about the rules; who asked takes it back by it. Throws StaleError for one that does not wait. */
export function declineMappingRules(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<MappingRulesView> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { requestedBy } = await requireWaiting(tx, id);
    const state = requestedBy === caller.personId ? 'withdrawn' : 'declined';
    await endRulesRequest(tx, id, state, caller.personId);
    await appendAudit(tx, {
      actor: caller.actor,
      action: `mapping_rules.change-${state}`,
      subject: { type: 'settings', id: 'mappings' },
      details: { request: id },
    });
    return rulesNow(tx);
  });
}

async function requireWaiting(tx: TenantTx, id: string): Promise<RulesRequest> {
  await lockRules(tx);
  const request = await getRulesRequest(tx, id);
  if (request.state === 'waiting') return request;
  throw new StaleError(`The request ${id} is ${request.state}; there is nothing to decide.`);
}
