/** What makes a finding and a planted drift the same thing: kind, subject and SKU (contract §11). */
export interface Drift {
  readonly kind: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly sku: string | null;
}

export interface Score {
  readonly planted: number;
  readonly found: number;
  readonly matched: number;
  readonly recall: number;
  readonly precision: number;
  /** What was planted and not found, and what was found and not planted. */
  readonly missed: readonly Drift[];
  readonly wrong: readonly Drift[];
}

/** The kinds of drift that the first reconciliation looks for (contract §11). */
const KINDS = new Set([
  'orphaned_seat',
  'duplicate_identity',
  'unlinked_account',
  'overlapping_terms',
  'sku_mismatch',
  'quantity_mismatch',
  'price_mismatch',
  'missing_in_erp',
  'missing_in_crm',
]);

/** Scores what was found against what was planted. A finding of these kinds that was not planted lowers precision. */
export function scoreDrift(planted: readonly Drift[], found: readonly Drift[]): Score {
  const wanted = inScope(planted);
  const got = inScope(found);
  const missed = [...wanted].filter(([key]) => !got.has(key)).map(([, drift]) => drift);
  const wrong = [...got].filter(([key]) => !wanted.has(key)).map(([, drift]) => drift);
  const matched = wanted.size - missed.length;
  return {
    planted: wanted.size,
    found: got.size,
    matched,
    recall: wanted.size === 0 ? 1 : matched / wanted.size,
    precision: got.size === 0 ? 1 : matched / got.size,
    missed,
    wrong,
  };
}

function inScope(drifts: readonly Drift[]): ReadonlyMap<string, Drift> {
  const scoped = drifts.filter((drift) => KINDS.has(drift.kind));
  return new Map(
    scoped.map((drift) => [
      JSON.stringify([drift.kind, drift.subject.type, drift.subject.id, drift.sku]),
      drift,
    ]),
  );
}
