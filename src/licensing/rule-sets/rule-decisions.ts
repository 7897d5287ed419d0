import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import type { StatedNames } from './check-rule-set.ts';
import { parseRuleSet } from './rule-sets.ts';
import { termsOf, type RuleDecision } from './rule-timeline.ts';

/** A decision about which version of a rule set holds from a date on. */
export interface KeptDecision extends RuleDecision {
  readonly decidedBy: string;
  readonly decidedAt: Date;
  readonly reason: string | null;
}

/** Every decision about a rule set, in the order in which they were taken. */
export function decisionsOf(tx: TenantTx, ruleSet: string): Promise<readonly KeptDecision[]> {
  return tx.sql<KeptDecision>(
    `select a.number::int as number, a.version, a.effective_from::text as "effectiveFrom", a.rolled_back_from as "rolledBackFrom",
       a.decided_by as "decidedBy", a.decided_at as "decidedAt", a.reason
     from rule_set_activation a where a.rule_set = $1 order by a.number`,
    [ruleSet],
  );
}

/** Keeps a decision. The caller holds the rule set. */
export async function keepDecision(
  tx: TenantTx,
  ruleSet: string,
  decision: Omit<KeptDecision, 'number' | 'decidedAt'>,
): Promise<readonly KeptDecision[]> {
  const before = await decisionsOf(tx, ruleSet);
  await tx.run(
    `insert into rule_set_activation (tenant_id, rule_set, number, version, effective_from, rolled_back_from, decided_by, reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tx.tenantId,
      ruleSet,
      before.length + 1,
      decision.version,
      decision.effectiveFrom,
      decision.rolledBackFrom,
      decision.decidedBy,
      decision.reason,
    ],
  );
  return decisionsOf(tx, ruleSet);
}

/** What every other rule set states from a day on, in force by then or to come. */
export async function statedByOthers(
  tx: TenantTx,
  ruleSet: string,
  from: LocalDate,
): Promise<readonly StatedNames[]> {
  const rows = await tx.sql<
    RuleDecision & { readonly ruleSet: string; readonly document: unknown }
  >(
    `select a.rule_set as "ruleSet", a.number::int as number, a.version, a.effective_from::text as "effectiveFrom",
       a.rolled_back_from as "rolledBackFrom", v.document
     from rule_set_activation a
     left join rule_set_version v on v.rule_set = a.rule_set and v.version = a.version
     where a.rule_set <> $1 order by a.rule_set, a.number`,
    [ruleSet],
  );
  return [...Map.groupBy(rows, (row) => row.ruleSet)].flatMap(([other, decisions]) => {
    const documents = new Map(decisions.map(({ number, document }) => [number, document]));
    return termsOf(decisions)
      .filter(({ version, until }) => version !== null && (until === null || until > from))
      .map(({ number }) => {
        const { metrics, factorTables } = parseRuleSet(documents.get(number));
        return {
          ruleSet: other,
          metrics: metrics.map(({ metric }) => metric),
          factorTables: factorTables.map(({ name }) => name),
        };
      });
  });
}
