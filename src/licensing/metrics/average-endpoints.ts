import * as z from 'zod';
import { defineMetric, type MetricReading } from '../../sdk/define-metric.ts';
import { add, ceil, divide, rational, toPlain } from '../../sdk/kernel.ts';

const HOUR_MS = 3_600_000;

/**
 * Distinct endpoints per bucket of time, over the window: their mean (CrowdStrike: hourly over 28 days, or four weekly
 * counts), or the value below which so many percent of the buckets lie (nearest rank). A bucket without use counts as zero.
 */
export default defineMetric({
  code: 'average_endpoints',
  version: 1,
  title: 'Average or percentile of endpoints',
  family: 'consumption',
  unit: 'endpoint',
  aggregation: 'average',
  source:
    'ServiceNow SAM, "Software Asset Management license metrics": CrowdStrike average over 28 days',
  attributes: z.strictObject({
    bucketHours: z.number().int().positive().default(1),
    /** Null for the mean. */
    percentile: z.number().int().min(1).max(100).nullable().default(null),
  }),
  meter({ readings, window }, { bucketHours, percentile }) {
    const size = bucketHours * HOUR_MS;
    const buckets = Math.max(1, Math.ceil((window.to - window.from) / size));
    const seen = Array.from({ length: buckets }, () => new Set<string>());
    for (const each of readings)
      for (const at of touched(each, window, size)) seen[at]?.add(each.subjectId);
    const counts = seen.map(({ size: count }) => count);
    const total = counts.reduce((sum, each) => add(sum, rational(BigInt(each))), rational(0n));
    const mean = divide(total, rational(BigInt(buckets)));
    const rank =
      percentile === null
        ? null
        : counts.toSorted((left, right) => left - right)[
            Math.ceil((percentile / 100) * buckets) - 1
          ];
    const required = rank === null || rank === undefined ? ceil(mean) : BigInt(rank);
    const ids = [...new Set(readings.map(({ subjectId }) => subjectId))];
    return {
      required: String(required),
      // A mean belongs to no endpoint in particular.
      counted: ids.map((subjectId) => ({
        subjectId,
        licensableQuantity: '0',
        evidence: readings
          .filter((each) => each.subjectId === subjectId)
          .flatMap(({ evidence }) => evidence),
      })),
      excluded: [],
      figures: { mean: toPlain(mean, 6), buckets: String(buckets) },
      explanation: [
        percentile === null
          ? `Mean of ${buckets} buckets of ${bucketHours} h: ${toPlain(mean, 6)}, rounded up to ${required}`
          : `${percentile}th percentile of ${buckets} buckets of ${bucketHours} h: ${required}`,
      ],
    };
  },
});

function touched(
  { from, to }: MetricReading,
  window: { readonly from: number; readonly to: number },
  size: number,
): readonly number[] {
  const first = Math.floor((Math.max(from, window.from) - window.from) / size);
  const end = Math.min(Math.max(to, from + 1), window.to);
  const last = Math.ceil((end - window.from) / size);
  return from >= window.to || end <= window.from
    ? []
    : Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
}
