import * as z from 'zod';
import { Fraction } from '../../canonical/fields.ts';
import { FactorTable } from '../../canonical/factor-table.ts';
import { Scenario } from '../scenario/scenario.ts';

/** The version of a rule set, as its author states it. */
const SemanticVersion = z
  .string()
  .regex(/^(0|[1-9]\d{0,5})(\.(0|[1-9]\d{0,5})){2}$/, 'is not a version such as 1.4.0');

const Name = z.string().trim().min(1).max(60);

const Table = z
  .strictObject({
    name: Name.describe('What metrics call it by, such as oracle_core_factor'),
    kind: FactorTable.shape.kind,
    edition: z.string().trim().min(1).max(100).describe('Which edition of the published table'),
    sourceUri: z.string().max(1000).optional(),
    rows: z
      .array(z.strictObject({ key: z.string().min(1).max(100), factor: Fraction }))
      .min(1)
      .max(20_000),
  })
  .describe('A dated table of factors, whole: it stands in place of every other of its name');

/**
 * One version of a rule set: the parameters of metrics, disputed readings among them, tables of factors, and worlds with what
 * they must come to under these rules.
 */
export const RuleSetDocument = z.strictObject({
  $schema: z.string().optional(),
  schemaVersion: z.literal(1),
  version: SemanticVersion,
  summary: z.string().trim().min(1).max(2000).describe('What it states, and why'),
  metrics: z
    .array(
      z.strictObject({
        metric: Name.describe('The code of a metric: trueup rules metrics'),
        parameters: z
          .record(z.string(), z.json())
          .describe('Those that are left out have the values of the metric'),
      }),
    )
    .max(100)
    .default([]),
  factorTables: z.array(Table).max(100).default([]),
  tests: z
    .array(Scenario)
    .max(50)
    .default([])
    .describe('Scenarios (trueup schema scenario) with cases that say what is expected'),
});
export type RuleSetDocument = z.output<typeof RuleSetDocument>;

/** Order of two versions by their three numbers. */
export function compareVersions(left: string, right: string): number {
  const [ours, theirs] = [left, right].map((each) => each.split('.').map(Number));
  for (const [at, number] of (ours ?? []).entries()) {
    const difference = number - (theirs?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
