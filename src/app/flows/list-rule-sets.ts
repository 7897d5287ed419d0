import * as z from 'zod';
import type { RuleSetCheck } from '../../licensing/rule-sets/check-rule-set.ts';
import { decisionsOf } from '../../licensing/rule-sets/rule-decisions.ts';
import {
  getRuleSet,
  getVersion,
  listRuleSets as list,
  parseRuleSet,
  versionsOf,
  type RuleSet,
  type RuleSetVersion,
} from '../../licensing/rule-sets/rule-sets.ts';
import { RuleSetDocument } from '../../licensing/rule-sets/rule-set-document.ts';
import { newestShadow, type KeptShadow } from '../../licensing/rule-sets/rule-shadows.ts';
import { termsOf, versionOn, type RuleTerm } from '../../licensing/rule-sets/rule-timeline.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Registry } from '../../registry/load-registry.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { checksOf } from '../rule-set-checks.ts';

/** A rule set with what holds, and what is worked on. */
interface ShownRuleSet extends RuleSet {
  /** The version in force today; null while it states nothing. */
  readonly inForce: string | null;
  /** The version that comes into force later, and when. */
  readonly next: { readonly version: string | null; readonly from: string } | null;
  readonly draft: Pick<RuleSetVersion, 'version' | 'status'> | null;
}

/** The rule sets of the company, by name. */
export function listRuleSets(deps: Deps, caller: Caller): Promise<readonly ShownRuleSet[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const shown: ShownRuleSet[] = [];
    for (const set of await list(tx)) shown.push(await shownOf(deps, tx, set));
    return shown;
  });
}

/** A rule set with its versions and the days on which each held or will hold. */
interface RuleSetLife extends ShownRuleSet {
  readonly versions: readonly Omit<RuleSetVersion, 'document'>[];
  readonly terms: readonly RuleTerm[];
}

/** One rule set. Throws NotFoundError. */
export function showRuleSet(deps: Deps, caller: Caller, id: string): Promise<RuleSetLife> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const shown = await shownOf(deps, tx, await getRuleSet(tx, id));
    const terms = termsOf(await decisionsOf(tx, id));
    return { ...shown, versions: await versionsOf(tx, id), terms };
  });
}

async function shownOf(deps: Deps, tx: TenantTx, set: RuleSet): Promise<ShownRuleSet> {
  const today = deps.clock.today();
  const decisions = await decisionsOf(tx, set.id);
  const next = termsOf(decisions).find(({ effectiveFrom }) => effectiveFrom > today);
  const open = (await versionsOf(tx, set.id)).find(({ status }) => status !== 'approved');
  return {
    ...set,
    inForce: versionOn(decisions, today),
    next: next === undefined ? null : { version: next.version, from: next.effectiveFrom },
    draft: open === undefined ? null : { version: open.version, status: open.status },
  };
}

/** A version with its document, what its checks say today, and what it was last seen to do. */
interface ShownRuleVersion extends RuleSetVersion {
  readonly check: RuleSetCheck;
  readonly shadow: KeptShadow | null;
}

/** One version; `draft` names the one that is worked on. Throws NotFoundError. */
export function showRuleVersion(
  deps: Deps,
  caller: Caller,
  { id, version }: { readonly id: string; readonly version: string },
): Promise<ShownRuleVersion> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const found = await getVersion(tx, id, version);
    const check = await checksOf(deps, tx, id, parseRuleSet(found.document));
    return { ...found, check, shadow: await newestShadow(tx, found) };
  });
}

/** A metric, and the parameters that a rule set may state for it. */
interface LicenceMetric {
  readonly code: string;
  readonly version: number;
  readonly title: string;
  readonly family: string;
  readonly unit: string;
  readonly source: string;
  /** JSON Schema, with the values that hold where nobody states others. */
  readonly parameters: object;
}

/** The metrics that are installed, by code. */
export function listLicenceMetrics({
  metrics,
}: Pick<Registry, 'metrics'>): readonly LicenceMetric[] {
  return [...metrics.values()]
    .map(({ code, version, title, family, unit, source, attributes }) => {
      const parameters = z.toJSONSchema(attributes, { io: 'input' });
      return { code, version, title, family, unit, source, parameters };
    })
    .toSorted((left, right) => (left.code < right.code ? -1 : 1));
}

/** The JSON Schema of a version of a rule set. */
export function ruleSetSchema(): object {
  return z.toJSONSchema(RuleSetDocument, { io: 'input', reused: 'ref' });
}
