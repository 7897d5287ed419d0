import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { StaleError, ValidationError } from '../../kernel/errors.ts';
import {
  decideVersion,
  getRuleSet,
  getVersion,
  parseRuleSet,
  type RuleSetVersion,
} from '../../licensing/rule-sets/rule-sets.ts';
import { newestShadow } from '../../licensing/rule-sets/rule-shadows.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { checksOf, requireSound } from '../rule-set-checks.ts';

interface Decision {
  readonly id: string;
  readonly version: string;
  readonly reason: string | null;
}

/**
 * Approves a version that somebody else wrote and handed in, over the shadow run whose id says that it was looked at. Throws
 * ForbiddenError for an author, StaleError for a version that is not handed in or a shadow run that is not the newest of it, and
 * ValidationError for one that does not pass its checks any more.
 */
export function approveRuleSet(
  deps: Deps,
  caller: Caller,
  { id, version, reason, shadow }: Decision & { readonly shadow: string },
): Promise<RuleSetVersion> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await getRuleSet(tx, id, 'for update');
    const submitted = await getVersion(tx, id, version);
    requireSound(id, version, await checksOf(deps, tx, id, parseRuleSet(submitted.document)));
    await requireSeen(tx, submitted, shadow);
    const { personId, personName } = caller;
    const decision = { approved: true, shadowId: shadow, reason, personId, personName };
    const approved = await decideVersion(tx, submitted, decision);
    await tell(tx, caller, 'rule_set.approved', approved, { shadow, reason });
    return approved;
  });
}

/** An approval is over what it does, as far as anybody has seen. */
async function requireSeen(tx: TenantTx, version: RuleSetVersion, shadow: string): Promise<void> {
  const newest = await newestShadow(tx, version);
  const command = `trueup rules shadow ${version.ruleSet} ${version.version}`;
  if (newest === null)
    throw new ValidationError(`Nobody has tried what version ${version.version} of "${version.ruleSet}" does. Try it: ${command}`); // prettier-ignore
  if (newest.id !== shadow || newest.contentHash !== version.contentHash)
    throw new StaleError(`The newest shadow run of version ${version.version} of "${version.ruleSet}" is ${newest.id}, not ${shadow}. Look at that one first.`); // prettier-ignore
}

/** Sends a version back to those who work on it. Throws NotFoundError, and StaleError for one that is not handed in. */
export function declineRuleSet(
  deps: Deps,
  caller: Caller,
  { id, version, reason }: Decision & { readonly reason: string },
): Promise<RuleSetVersion> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await getRuleSet(tx, id, 'for update');
    const { personId, personName } = caller;
    const decision = { approved: false, shadowId: null, reason, personId, personName };
    const declined = await decideVersion(tx, await getVersion(tx, id, version), decision);
    await tell(tx, caller, 'rule_set.declined', declined, { reason });
    return declined;
  });
}

async function tell(
  tx: TenantTx,
  caller: Caller,
  action: string,
  { ruleSet, version, contentHash }: RuleSetVersion,
  details: Readonly<Record<string, string | null>>,
): Promise<void> {
  await appendAudit(tx, {
    actor: caller.actor,
    action,
    subject: { type: 'rule_set', id: ruleSet },
    details: { version, contentHash, ...details },
  });
}
