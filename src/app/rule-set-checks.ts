import type { TenantTx } from '../db/store.ts';
import { ValidationError } from '../kernel/errors.ts';
import { checkRuleSet, type RuleSetCheck } from '../licensing/rule-sets/check-rule-set.ts';
import { statedByOthers } from '../licensing/rule-sets/rule-decisions.ts';
import type { RuleSetDocument } from '../licensing/rule-sets/rule-set-document.ts';
import type { Deps } from './deps.ts';

/** What the checks say of a version, beside what other rule sets state. */
export async function checksOf(
  deps: Pick<Deps, 'registry' | 'clock'>,
  tx: TenantTx,
  ruleSet: string,
  document: RuleSetDocument,
): Promise<RuleSetCheck> {
  const others = await statedByOthers(tx, ruleSet, deps.clock.today());
  return checkRuleSet(document, deps.registry.metrics, others);
}

/** Throws ValidationError with what a version lacks, so that nothing comes into effect that does not hold. */
export function requireSound(ruleSet: string, version: string, check: RuleSetCheck): void {
  if (check.ok) return;
  const failed = check.tests.flatMap((test) =>
    test.problems.map((message) => ({ pointer: `${test.test}: ${test.case}`, message })),
  );
  const problems = [
    ...check.problems.map(({ path, message }) => ({ pointer: path, message })),
    ...failed,
  ];
  throw new ValidationError(
    `Version ${version} of "${ruleSet}" does not pass its checks: ${problems.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')}`,
    { details: { problems } },
  );
}
