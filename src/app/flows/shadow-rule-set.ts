import { appendAudit } from '../../audit/audit-log.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { checkRuleSet } from '../../licensing/rule-sets/check-rule-set.ts';
import { getRuleSet, getVersion, parseRuleSet } from '../../licensing/rule-sets/rule-sets.ts';
import { keepShadow, type KeptShadow } from '../../licensing/rule-sets/rule-shadows.ts';
import { shadowRules } from '../../licensing/rule-sets/shadow-rules.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadSnapshot } from '../load-snapshot.ts';
import { requireSound } from '../rule-set-checks.ts';

/**
 * Computes the positions of a day twice over one frozen snapshot, as they are and under a version of a rule set, and keeps what
 * would move. No position, run or finding is touched. Throws NotFoundError, and ValidationError for a version that does not
 * pass its checks or was edited while it was tried.
 */
export async function shadowRuleSet(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly version: string; readonly asOf?: LocalDate | undefined },
): Promise<KeptShadow> {
  const { id } = input;
  const asOf = input.asOf ?? deps.clock.today();
  const { found, snapshot, knownAt } = await deps.store.readTenant(caller.tenantId, async (tx) => {
    const clock = await tx.clock();
    const version = await getVersion(tx, id, input.version);
    return { found: version, knownAt: clock, ...(await loadSnapshot(tx, asOf, clock)) };
  });
  const document = parseRuleSet(found.document);
  requireSound(id, found.version, checkRuleSet(document, deps.registry.metrics));
  const shadow = shadowRules(snapshot, deps.registry.metrics, { ruleSet: id, document });
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await getRuleSet(tx, id, 'for update');
    const now = await getVersion(tx, id, found.version);
    if (now.contentHash !== found.contentHash)
      throw new ValidationError(`Version ${found.version} of "${id}" was edited while it was tried. Try it again.`); // prettier-ignore
    const kept = await keepShadow(tx, found, { shadow, asOf, knownAt, personId: caller.personId });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'rule_set.shadowed',
      subject: { type: 'rule_set', id },
      details: { version: found.version, shadow: kept.id, asOf, moved: kept.moved.length, resultHash: kept.resultHash },
    }); // prettier-ignore
    return kept;
  });
}
