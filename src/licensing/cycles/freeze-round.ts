import { contains, type LocalDate } from '../../kernel/dates.ts';
import { hashJson } from '../../kernel/hash.ts';
import { money, type Money } from '../../kernel/money.ts';
import type { Finding } from '../../canonical/finding.ts';
import type { Position } from '../figures.ts';
import { varianceOf } from '../four-way/variance.ts';
import { utilisationOf, type Utilisation } from '../kpis.ts';
import type { Reconciliation } from '../reconcile.ts';
import type { Snapshot } from '../snapshot.ts';
import { compareText } from '../sort.ts';
import type { CycleScope } from './cycle-record.ts';
import { scopeOf, type InScope } from './cycle-scope.ts';
import { sumMoney } from './sum-money.ts';

/** Something that did not agree when the round was computed, as it stood then. */
export interface CycleVariance {
  /** `position:<line>` or `finding:<id>`. */
  readonly subject: string;
  /** The status of a position, or the kind of a finding. */
  readonly kind: string;
  readonly severity: Finding['severity'] | null;
  readonly sku: string | null;
  /** The customer's name or account; null for a finding. */
  readonly owner: string | null;
  /** Rights that are short; null where that is indeterminate, and for a finding. */
  readonly quantity: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly summary: string;
}

/** An approved deviation that was in force. */
export interface ExceptionInForce {
  readonly id: string;
  readonly kind: string;
  readonly sku: string | null;
  readonly owner: string | null;
  readonly validFrom: LocalDate;
  readonly validTo: LocalDate;
  readonly quantityCap: string | null;
  readonly approvers: readonly string[];
  readonly rationale: string;
}

/** What a round computed, within the scope of its cycle. */
export interface RoundContent {
  readonly inputHash: string;
  readonly resultHash: string;
  readonly ruleVersions: Readonly<Record<string, number>>;
  readonly positions: {
    readonly lines: number;
    readonly byStatus: Readonly<Record<string, number>>;
    /** SHA-256 over the lines in scope, in the order of their ids. */
    readonly hash: string;
  };
  readonly findings: number;
  /** What the shortfalls cost, a currency. */
  readonly trueUpCost: readonly Money[];
  readonly exceptions: readonly ExceptionInForce[];
  readonly utilisation: readonly Utilisation[];
}

/** Statuses that somebody has to say something about; what an exception covers is said already. */
const OPEN: ReadonlySet<string> = new Set([
  'in_grace',
  'true_up_due',
  'non_compliant',
  'indeterminate',
]);

/** Takes out of a run what a cycle is about. Pure: the same run and scope give the same content. */
export function freezeRound(
  scope: CycleScope,
  run: { readonly snapshot: Snapshot; readonly reconciliation: Reconciliation },
): { readonly content: RoundContent; readonly variances: readonly CycleVariance[] } {
  const { snapshot, reconciliation } = run;
  const inScope = scopeOf(scope, snapshot);
  const positions = reconciliation.positions
    .filter(({ line }) => inScope.line(line))
    .toSorted((left, right) => compareText(left.line.id, right.line.id));
  const findings = reconciliation.findings.filter(inScope.finding);
  const rows = varianceOf(snapshot, reconciliation.positions).filter(inScope.line);
  const content = {
    inputHash: reconciliation.inputHash,
    resultHash: reconciliation.resultHash,
    ruleVersions: reconciliation.ruleVersions,
    positions: {
      lines: positions.length,
      byStatus: countBy(positions.map(({ line }) => line.status)),
      hash: hashJson(positions.map(({ line }) => line)),
    },
    findings: findings.length,
    trueUpCost: sumMoney(positions.map(({ line }) => ({ amount: line.trueUpCost, currency: line.currency }))), // prettier-ignore
    exceptions: exceptionsOf(scope, snapshot, positions, inScope),
    utilisation: utilisationOf(rows, ({ posture }) => posture),
  };
  const short = positions.filter(({ line }) => OPEN.has(line.status)).map(ofPosition);
  return { content, variances: [...short, ...findings.map(ofFinding)] };
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const groups = [...Map.groupBy(words, (word) => word)];
  return Object.fromEntries(
    groups
      .map(([word, all]) => [word, all.length] as const)
      .toSorted(([left], [right]) => compareText(left, right)),
  );
}

function ofPosition({ line }: Position): CycleVariance {
  const { id, status, skuCode, ownerName, ownerRef, shortfall, trueUpCost, currency } = line;
  const what =
    shortfall === null
      ? `what is short of ${skuCode} cannot be said: ${line.warnings.join(', ')}`
      : `${shortfall} short of ${skuCode}, ${line.rightsRequired} required, ${line.rightsOwned ?? 'nobody knows how many'} owned`;
  return {
    subject: `position:${id}`,
    kind: status,
    severity: null,
    sku: skuCode,
    owner: ownerName ?? ownerRef,
    quantity: shortfall,
    ...asMoney(trueUpCost, currency),
    summary: `${ownerName ?? ownerRef}: ${what}.`,
  };
}

function ofFinding(finding: Finding): CycleVariance {
  const { id, kind, severity, sku, amount, currency, summary } = finding;
  return {
    subject: `finding:${id}`,
    kind,
    severity,
    sku,
    owner: null,
    quantity: null,
    ...asMoney(amount, currency),
    summary,
  };
}

function asMoney(
  amount: string | null,
  currency: string | null,
): Pick<CycleVariance, 'amount' | 'currency'> {
  return amount === null || currency === null
    ? { amount: null, currency: null }
    : money(amount, currency);
}

/** Of everything, all that were in force; of a narrower scope, those that it names or that took something out of it. */
function exceptionsOf(
  scope: CycleScope,
  snapshot: Snapshot,
  positions: readonly Position[],
  inScope: InScope,
): readonly ExceptionInForce[] {
  const applied = new Set(
    positions.flatMap(({ inputs }) => (inputs.exceptions ?? []).map(({ id }) => id)),
  );
  return snapshot.exceptions
    .filter(({ externalRef, body }) => {
      const { status, validFrom, validTo, skuCode = '', ownerRef = '' } = body;
      if (status !== 'approved' || !contains({ from: validFrom, to: validTo }, snapshot.asOf))
        return false;
      return (
        scope.kind === 'all' || applied.has(externalRef) || inScope.line({ skuCode, ownerRef })
      );
    })
    .map(({ externalRef, body }) => ({
      id: externalRef,
      kind: body.kind,
      sku: body.skuCode ?? null,
      owner: body.ownerRef ?? null,
      validFrom: body.validFrom,
      validTo: body.validTo,
      quantityCap: body.quantityCap ?? null,
      approvers: body.approverRefs,
      rationale: body.rationale,
    }))
    .toSorted((left, right) => compareText(left.id, right.id));
}
