import { appendAudit } from '../../audit/audit-log.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { RuleSetCheck } from '../../licensing/rule-sets/check-rule-set.ts';
import {
  createRuleSet as create,
  getRuleSet,
  getVersion,
  parseRuleSet,
  saveDraft,
  submitVersion,
  type RuleSet,
  type RuleSetVersion,
} from '../../licensing/rule-sets/rule-sets.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { checksOf, requireSound } from '../rule-set-checks.ts';

/** Begins a rule set. It states nothing before a version of it is in force. Throws StaleError for a name that is taken. */
export function createRuleSet(
  deps: Deps,
  caller: Caller,
  set: Pick<RuleSet, 'id' | 'title' | 'description'>,
): Promise<RuleSet> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const made = await create(tx, { ...set, createdBy: caller.personId });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'rule_set.created',
      subject: { type: 'rule_set', id: made.id },
      details: { title: made.title },
    });
    return made;
  });
}

/**
 * Keeps what somebody works on, whether it passes its checks or not; what was handed in is a draft again. Throws NotFoundError,
 * StaleError where somebody else saved meanwhile, and ValidationError for a document that is none.
 */
export function saveRuleDraft(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly document: JsonObject; readonly seen: string | null },
): Promise<RuleSetVersion & { readonly check: RuleSetCheck }> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, document, seen } = input;
    const saved = await saveDraft(tx, id, { document, seen, personId: caller.personId });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'rule_set.draft_saved',
      subject: { type: 'rule_set', id },
      details: { version: saved.version, contentHash: saved.contentHash, before: seen },
    });
    return { ...saved, check: await checksOf(deps, tx, id, parseRuleSet(document)) };
  });
}

/** Checks a document for a rule set, or the draft that it has. Changes nothing. Throws as `saveRuleDraft`. */
export function validateRuleSet(
  deps: Deps,
  caller: Caller,
  { id, document }: { readonly id: string; readonly document: JsonObject | null },
): Promise<RuleSetCheck> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    await getRuleSet(tx, id);
    const text = document ?? (await getVersion(tx, id, 'draft')).document;
    return checksOf(deps, tx, id, parseRuleSet(text));
  });
}

/** Hands the draft in, once it passes its checks. Throws NotFoundError, StaleError, and ValidationError with what it lacks. */
export function submitRuleSet(deps: Deps, caller: Caller, id: string): Promise<RuleSetVersion> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await getRuleSet(tx, id, 'for update');
    const draft = await getVersion(tx, id, 'draft');
    const check = await checksOf(deps, tx, id, parseRuleSet(draft.document));
    requireSound(id, draft.version, check);
    const submitted = await submitVersion(tx, draft, caller.personId);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'rule_set.submitted',
      subject: { type: 'rule_set', id },
      details: {
        version: draft.version,
        contentHash: draft.contentHash,
        tests: check.tests.length,
      },
    });
    return submitted;
  });
}
