import type { FindingSeverity } from '../../canonical/finding.ts';
import type { Money } from '../../kernel/money.ts';
import type { DriftWorld } from '../drift-world.ts';

/** A finding before it has an identity, a due date and a life. */
export interface FindingDraft {
  /** The type of record and its id in the system that holds it. */
  readonly subject: { readonly type: string; readonly id: string };
  /** The connection whose record the subject is. */
  readonly connection: string;
  readonly sku: string | null;
  /** What is at stake; null where it is no question of money, or nobody stated a price. */
  readonly money: Money | null;
  readonly evidence: readonly string[];
  /** Who has to look: a person's id, or `hr`, `it` or `finance`; left out where nobody can say. */
  readonly owner?: string | undefined;
  /** What was found and what to do. Holds ids and figures, never names of people. */
  readonly summary: string;
}

/** One kind of finding: a pure rule over the facts of a run, with a version. */
export interface Detector {
  readonly kind: string;
  readonly version: number;
  readonly severity: FindingSeverity;
  detect(world: DriftWorld): readonly FindingDraft[];
}
