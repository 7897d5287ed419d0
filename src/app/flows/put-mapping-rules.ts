import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { PreconditionFailed, StaleError } from '../../kernel/errors.ts';
import { lockRules, openRulesRequest, waitingRules } from '../../mapping/rules-requests.ts';
import type { Caller } from '../../security/caller.ts';
import { listUsers } from '../../security/users.ts';
import { companySetting, MappingRules } from '../company-settings.ts';
import type { Deps } from '../deps.ts';
import { applyRules, rulesNow, rulesTag, type MappingRulesView } from '../mapping-rules.ts';

export { MappingRules };

const ALONE =
  'You are the only administrator, so nobody could confirm it: from now on one person alone can put mappings in effect.';

/**
 * Changes how mappings come into effect. Doing without a second person is itself something that a second person agrees
 * to: it waits for another administrator, unless there is none, which the caller is told and the audit keeps. `seen` is the
 * tag of the rules that the caller read. Throws PreconditionFailed where they are others by now, and StaleError where
 * somebody else's request waits.
 */
export function putMappingRules(
  deps: Deps,
  caller: Caller,
  input: { readonly rules: MappingRules; readonly seen: string },
): Promise<MappingRulesView> {
  const { rules, seen } = input;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await lockRules(tx);
    const now = await companySetting(tx, 'mappings');
    const tag = rulesTag(now);
    if (seen !== tag)
      throw new PreconditionFailed(
        'The rules of mappings were changed meanwhile. Read them again, and decide then.',
        { details: { tag } },
      );
    if (!now.secondPerson || rules.secondPerson) {
      await applyRules(tx, rules, caller.actor);
      return rulesNow(tx);
    }
    if (!(await hasOtherAdmin(tx, caller.personId))) {
      await applyRules(tx, rules, caller.actor, { confirmedBy: 'nobody: the only administrator' });
      return rulesNow(tx, ALONE);
    }
    await ask(tx, caller, rules, tag);
    return rulesNow(tx, 'It takes effect once another administrator has confirmed it.');
  });
}

async function hasOtherAdmin(tx: TenantTx, person: string): Promise<boolean> {
  const users = await listUsers(tx);
  return users.some(
    ({ id, status, roles }) => id !== person && status === 'active' && roles.includes('admin'),
  );
}

/** Asked again by the same person, it is the same request. */
async function ask(tx: TenantTx, caller: Caller, rules: MappingRules, tag: string): Promise<void> {
  const waiting = await waitingRules(tx);
  if (waiting !== null) {
    if (waiting.requestedBy === caller.personId && waiting.baseTag === tag) return;
    throw new StaleError(
      `${waiting.requestedBy} has asked for this already (${waiting.id}). Confirm or decline that.`,
    );
  }
  const request = await openRulesRequest(tx, { rules, baseTag: tag, requestedBy: caller.personId });
  await appendAudit(tx, {
    actor: caller.actor,
    action: 'mapping_rules.change-requested',
    subject: { type: 'settings', id: 'mappings' },
    details: { request: request.id, rules },
  });
}
