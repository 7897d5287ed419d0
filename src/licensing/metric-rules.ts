import { contains } from '../kernel/dates.ts';
import { ValidationError } from '../kernel/errors.ts';
import { compare, parseFraction, type Rational } from '../kernel/rational.ts';
import type {
  FactorTable,
  MeterResult,
  MetricDefinition,
  MetricServer,
} from '../sdk/define-metric.ts';
import { subjectsOf } from './demand.ts';
import type { Pool } from './pools.ts';
import type { Snapshot } from './snapshot.ts';
import { bySource, compareText, groupBy } from './sort.ts';

/** Metrics with the parameters and the tables of factors that were in force on a snapshot's day. */
export interface MetricRules {
  /**
   * What a pool needs under a metric. Throws ValidationError where a rule version states parameters that the metric does
   * not know.
   */
  meter(metric: MetricDefinition, pool: Pool): MeterResult;
  /** What whole hosts need under a metric in place of their machines; null where it has no such choice. Throws as `meter`. */
  meterHosts(metric: MetricDefinition, hosts: readonly MetricServer[]): MeterResult | null;
}

/**
 * The rules of a snapshot. What the company's own rule sets state holds; else, of several active versions of a metric's rule,
 * the highest.
 */
export function metricRulesOf(snapshot: Snapshot): MetricRules {
  const { asOf, window } = snapshot;
  const inForce = inForceOn(snapshot);
  const rules = snapshot.metricRules
    .filter((each) => each.body.status === 'active' && inForce(each))
    .toSorted(
      (left, right) =>
        ownLast(left, right) || left.body.version - right.body.version || bySource(left, right),
    );
  const attributesOf = new Map(rules.map(({ body }) => [body.metricCode, body.attributes]));
  const rows = groupBy(snapshot.factorRows.filter(inForce), ({ body }) => body.tableRef);
  const tables = new Map(
    tablesInForce(snapshot).map(({ externalRef, body }) => [
      body.name,
      tableOf(body.edition, rows.get(externalRef) ?? []),
    ]),
  );
  const parametersOf = (metric: MetricDefinition): Readonly<Record<string, unknown>> => {
    const parsed = metric.attributes.safeParse(attributesOf.get(metric.code) ?? {});
    if (parsed.success) return parsed.data;
    throw new ValidationError(
      `The rule of the metric "${metric.code}" has parameters that it does not know: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}. Mend the rule version.`,
    );
  };
  return {
    meter: (metric, pool) =>
      metric.meter(
        {
          asOf,
          window,
          subjects: subjectsOf(pool.claims),
          ...pool.holdings,
          factorTable: (name) => tables.get(name) ?? null,
        },
        parametersOf(metric),
      ),
    meterHosts: (metric, hosts) => metric.meterHosts?.(hosts, parametersOf(metric)) ?? null,
  };
}

/** What of the rules that people state was in force: versions of rule sets by name, editions of factor tables by name. */
export interface StatedRules {
  readonly ruleSets: Readonly<Record<string, string>>;
  readonly factorTables: Readonly<Record<string, string>>;
}

/** What a snapshot counts by, for the record of its run. */
export function statedRules(snapshot: Snapshot): StatedRules {
  const sets = snapshot.ruleSetVersions
    .filter((each) => each.connection === OWN_WORD && inForceOn(snapshot)(each))
    .toSorted(bySource);
  return {
    ruleSets: Object.fromEntries(sets.map(({ body }) => [body.ruleSetRef, body.version])),
    factorTables: Object.fromEntries(
      tablesInForce(snapshot).map(({ body }) => [body.name, body.edition]),
    ),
  };
}

/** The connection of what the company itself decided. Where it states a rule, no other system's word counts. */
const OWN_WORD = 'trueup';

function ownLast(
  left: { readonly connection: string },
  right: { readonly connection: string },
): number {
  return Number(left.connection === OWN_WORD) - Number(right.connection === OWN_WORD);
}

interface Dated {
  readonly body: { readonly validFrom?: string | undefined; readonly validTo?: string | undefined };
}

function inForceOn({ asOf, ruleDay = asOf }: Snapshot): (fact: Dated) => boolean {
  return ({ body }) => contains({ from: body.validFrom ?? ruleDay, to: body.validTo }, ruleDay);
}

/** The last of a name holds. */
function tablesInForce(snapshot: Snapshot): Snapshot['factorTables'] {
  return snapshot.factorTables
    .filter(inForceOn(snapshot))
    .toSorted(
      (left, right) =>
        ownLast(left, right) ||
        compareText(left.body.edition, right.body.edition) ||
        bySource(left, right),
    );
}

function tableOf(
  edition: string,
  rows: readonly { readonly body: { readonly key: string; readonly factor: string } }[],
): FactorTable {
  const factors = new Map(rows.map(({ body }) => [body.key, parseFraction(body.factor)]));
  const worst = [...factors.values()].reduce<Rational | null>(
    (most, each) => (most === null || compare(each, most) > 0 ? each : most),
    null,
  );
  return { edition, factor: (key) => factors.get(key) ?? null, worst };
}
