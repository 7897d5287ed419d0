import { appendAudit } from '../../audit/audit-log.ts';
import type { FactorRow } from '../../canonical/factor-row.ts';
import type { FactorTable } from '../../canonical/factor-table.ts';
import type { MetricRuleVersion } from '../../canonical/metric-rule-version.ts';
import type { RuleSetVersion as RuleSetVersionFact } from '../../canonical/rule-set-version.ts';
import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { StaleError, ValidationError } from '../../kernel/errors.ts';
import { decideFacts, factsOf, lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import { keepDecision, decisionsOf, type KeptDecision } from '../../licensing/rule-sets/rule-decisions.ts'; // prettier-ignore
import { ruleFactsOf, ruleRef } from '../../licensing/rule-sets/rule-facts.ts';
import { getRuleSet, getVersion, parseRuleSet, type RuleSet } from '../../licensing/rule-sets/rule-sets.ts'; // prettier-ignore
import { rollBackOf, termsOf, type RuleTerm } from '../../licensing/rule-sets/rule-timeline.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { checksOf, requireSound } from '../rule-set-checks.ts';

/** Which version of a rule set holds when, after a decision about it. */
interface RuleSetTerms {
  readonly ruleSet: string;
  readonly terms: readonly RuleTerm[];
}

/**
 * Puts an approved version in force from today or from a later day on: every run of a day from then on counts by it, no run of
 * an earlier day does. What was to come into force after that day does not any more. Throws NotFoundError, StaleError for a
 * version that is not approved, and ValidationError for a day that is over, and for one that does not pass its checks any more.
 */
export function activateRuleSet(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly version: string;
    readonly from: LocalDate | null;
    readonly reason: string | null;
  },
): Promise<RuleSetTerms> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, version, reason } = input;
    const set = await hold(tx, id);
    const today = deps.clock.today();
    const from = input.from ?? today;
    if (from < today)
      throw new ValidationError(`${from} is over; a rule does not reach back. Name today, ${today}, or a later day.`); // prettier-ignore
    const approved = await getVersion(tx, id, version);
    if (approved.status !== 'approved')
      throw new StaleError(`Version ${version} of "${id}" is ${approved.status}; only an approved one comes into force.`); // prettier-ignore
    requireSound(id, version, await checksOf(deps, tx, id, parseRuleSet(approved.document)));
    const decided = { version, effectiveFrom: from, rolledBackFrom: null, reason };
    return decide(tx, caller, set, decided);
  });
}

/**
 * Takes the newest version back: the one before it (or `to`, an earlier one) holds again from today on, or the set states nothing.
 * Throws NotFoundError, StaleError where nothing is in force or about to be, and ValidationError for a version that was not.
 */
export function rollBackRuleSet(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly to: string | null; readonly reason: string },
): Promise<RuleSetTerms> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, to, reason } = input;
    const set = await hold(tx, id);
    const today = deps.clock.today();
    const back = rollBackOf(await decisionsOf(tx, id), { today, to });
    if (back.version !== null) {
      // What another set has come to state since cannot be stated twice.
      const { document } = await getVersion(tx, id, back.version);
      requireSound(id, back.version, await checksOf(deps, tx, id, parseRuleSet(document)));
    }
    const { version, rolledBackFrom, from } = back;
    return decide(tx, caller, set, { version, effectiveFrom: from, rolledBackFrom, reason });
  });
}

/** Decisions about what runs count by come one after the other, so that no two sets come to state the same. */
async function hold(tx: TenantTx, id: string): Promise<RuleSet> {
  await lockWriter(tx, OWN_CONNECTION);
  return getRuleSet(tx, id, 'for update');
}

async function decide(
  tx: TenantTx,
  caller: Caller,
  set: RuleSet,
  decision: Pick<KeptDecision, 'version' | 'effectiveFrom' | 'rolledBackFrom' | 'reason'>,
): Promise<RuleSetTerms> {
  const decisions = await keepDecision(tx, set.id, { ...decision, decidedBy: caller.personId });
  await keepFacts(tx, set, decisions);
  const { version, effectiveFrom, rolledBackFrom, reason } = decision;
  await appendAudit(tx, {
    actor: caller.actor,
    action: rolledBackFrom === null ? 'rule_set.activated' : 'rule_set.rolled_back',
    subject: { type: 'rule_set', id: set.id },
    details: { version, from: effectiveFrom, rolledBackFrom, reason },
  });
  return { ruleSet: set.id, terms: termsOf(decisions) };
}

/** Reconciliations read the facts: what was known at an instant stays known, so a kept run comes to the same again. */
async function keepFacts(
  tx: TenantTx,
  set: RuleSet,
  decisions: readonly KeptDecision[],
): Promise<void> {
  const metrics: MetricRuleVersion[] = [];
  const tables: FactorTable[] = [];
  const rows: FactorRow[] = [];
  const versions: RuleSetVersionFact[] = [];
  for (const term of termsOf(decisions)) {
    if (term.version === null) continue;
    const { document, ...approved } = await getVersion(tx, set.id, term.version);
    const days = { validFrom: term.effectiveFrom, validTo: term.until ?? undefined };
    const facts = ruleFactsOf(parseRuleSet(document), { ruleSet: set.id, number: term.number, ...days }); // prettier-ignore
    metrics.push(...facts.metricRuleVersion);
    tables.push(...facts.factorTable);
    rows.push(...facts.factorRow);
    versions.push(versionFact(set, term, approved, decisions));
  }
  const { id: externalRef, title, description } = set;
  const about = { externalRef, name: title, ...(description === null ? {} : { description }) };
  await decideFacts(tx, 'ruleSet', [about], { externalRefs: [externalRef] });
  await replace(tx, 'metricRuleVersion', set.id, metrics);
  await replace(tx, 'factorTable', set.id, tables);
  await replace(tx, 'factorRow', set.id, rows);
  await replace(tx, 'ruleSetVersion', set.id, versions);
}

function versionFact(
  { id }: RuleSet,
  term: RuleTerm,
  approved: { readonly version: string; readonly contentHash: string; readonly approvedBy: string | null },
  decisions: readonly KeptDecision[],
): RuleSetVersionFact {
  const decision = decisions.find(({ number }) => number === term.number);
  return {
    externalRef: ruleRef({ ruleSet: id, number: term.number }),
    ruleSetRef: id,
    version: approved.version,
    contentHash: approved.contentHash,
    ...(approved.approvedBy === null ? {} : { approvedBy: approved.approvedBy }),
    ...(decision === undefined ? {} : { activatedAt: decision.decidedAt.toISOString() }),
    ...(term.rolledBackFrom === null ? {} : { rolledBackFrom: term.rolledBackFrom }),
    validFrom: term.effectiveFrom,
    ...(term.until === null ? {} : { validTo: term.until }),
  };
} // prettier-ignore

type RuleNoun = 'metricRuleVersion' | 'factorTable' | 'factorRow' | 'ruleSetVersion';

async function replace<Name extends RuleNoun>(
  tx: TenantTx,
  noun: Name,
  ruleSet: string,
  facts: Parameters<typeof decideFacts<Name>>[2],
): Promise<void> {
  const known = await factsOf(tx, noun, { connection: OWN_CONNECTION });
  const own = known.filter(({ externalRef }) => `${externalRef}/`.startsWith(`rules/${ruleSet}/`));
  const externalRefs = [...own, ...facts].map((each) => each.externalRef);
  await decideFacts(tx, noun, facts, { externalRefs });
}
