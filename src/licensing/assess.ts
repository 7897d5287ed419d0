import type { PositionLine } from '../canonical/position-line.ts';
import { compareQuantity } from '../kernel/quantity.ts';
import type { MetricDefinition } from '../sdk/define-metric.ts';
import type { PoolFigures } from './figures.ts';
import type { Pool } from './pools.ts';
import { vendorDoubts } from './vendor-counts.ts';

export interface Verdict {
  readonly status: PositionLine['status'];
  readonly confidence: PositionLine['confidence'];
  readonly warnings: string[];
  /** True if nobody knows what is owned; the figure is then null, never inferred from use (G-07). */
  readonly ownedUnknown: boolean;
}

/** Status, confidence and warnings of a pool (rules c.1 and c.8). A gate that fails makes it indeterminate. */
export function assess(figures: PoolFigures): Verdict {
  const gate = gateWarnings(figures);
  const doubts = doubtsOf(figures);
  const ownedUnknown = figures.pool.posture === 'licensee' && figures.basis === 'unknown';
  const indeterminate = gate.length > 0 || ownedUnknown;
  const warnings = [
    ...gate,
    ...(ownedUnknown ? ['no_contract_known'] : []),
    ...doubts,
    ...(indeterminate ? [] : moneyWarnings(figures)),
  ];
  return {
    status: indeterminate ? 'indeterminate' : statusOf(figures),
    confidence:
      indeterminate || figures.silence !== 'speaks' ? 'low' : doubts.length > 0 ? 'medium' : 'high',
    warnings,
    ownedUnknown,
  };
}

function statusOf({
  pool,
  split,
  met,
  grossShortfall,
  allocation,
}: PoolFigures): PositionLine['status'] {
  // What no right may license is not licensed, whatever is owned.
  if ((met.unlicensable ?? []).length > 0) return 'non_compliant';
  const truesUp = allocation?.truesUp ?? pool.entitlements.some((each) => each.truesUp);
  if (compareQuantity(split.shortfall, '0') > 0) return truesUp ? 'true_up_due' : 'non_compliant';
  if (compareQuantity(split.graceCovered, '0') > 0) return 'in_grace';
  return compareQuantity(grossShortfall, '0') > 0 ? 'exception_covered' : 'compliant';
}

function gateWarnings({ pool, metric, met, silence }: PoolFigures): string[] {
  if (pool.entry === undefined) return ['unmapped_sku'];
  if (pool.entry.metricCode === null) return ['missing_metric'];
  if (metric === null) return [`metric_not_installed: ${pool.entry.metricCode}`];
  if (pool.ownerRef === 'unknown') return ['owner_unknown'];
  if (silence === 'nobody_reports') return ['no_demand_source'];
  return [...(met.gaps ?? []), ...pool.gaps, ...unitGaps(pool, metric)];
}

/** What was metered in another unit than the metric counts in; a metric that counts units of any kind takes each. */
function unitGaps(pool: Pool, { unit }: MetricDefinition): string[] {
  const other = unit === 'unit' ? [] : pool.units.filter((each) => each !== unit);
  return other.length === 0 ? [] : [`unit_mismatch: ${other.join(', ')} for ${unit}`];
}

function doubtsOf({ pool, met, split, silence, allocation }: PoolFigures): string[] {
  const alone = new Set(
    pool.claims
      .filter((each) => each.account?.body.kind === 'human' && each.link === undefined)
      .map((each) => each.subjectId),
  );
  return [
    ...(met.warnings ?? []),
    ...pool.doubts,
    ...(allocation?.warnings ?? []),
    ...vendorDoubts(pool),
    ...(met.unlicensable ?? []).map(
      ({ subjectId, reason }) => `unlicensable: ${subjectId} (${reason})`,
    ),
    ...(silence === 'owner_silent' ? ['no_use_reported'] : []),
    ...(pool.entry?.conflict === true ? ['metric_conflict'] : []),
    ...(alone.size > 0 ? [`unlinked_subjects: ${alone.size}`] : []),
    ...(split.overAllocated ? ['over_allocated'] : []),
    ...(pool.entitlements.some((each) => each.reason === 'agreement_ended')
      ? ['agreement_ended']
      : []),
  ];
}

function moneyWarnings({ price, split }: PoolFigures): string[] {
  const atStake = split.shortfall !== '0' || split.surplus !== '0';
  return atStake && price.kind !== 'priced' ? [price.kind] : [];
}
