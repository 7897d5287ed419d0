import * as z from 'zod';
import { defineMetric, type MeterResult } from '../../sdk/define-metric.ts';
import { fitted, onPremises } from '../../sdk/metering-servers.ts';
import {
  add,
  ceil,
  compare,
  multiply,
  parseDecimal,
  rational,
  subtract,
  sumQuantities,
  toPlain,
  type Rational,
} from '../../sdk/kernel.ts';

/**
 * IBM resource value units: what is managed counts the less the more there is of it, graduated over the product's total and
 * not device by device (G-33).
 */
export default defineMetric({
  code: 'ibm_rvu',
  version: 1,
  title: 'IBM resource value unit',
  family: 'capacity',
  unit: 'rvu',
  aggregation: 'sum',
  source: 'ServiceNow SAM, "IBM PVU and RVU licensing"',
  attributes: z.strictObject({
    /** Up to how many resources, and what each counts; the last has no end. */
    tiers: z
      .array(z.strictObject({ upTo: z.number().int().positive().nullable(), factor: z.string() }))
      .default([
        { upTo: 2500, factor: '1' },
        { upTo: 10_000, factor: '0.8' },
        { upTo: 50_000, factor: '0.6' },
        { upTo: 150_000, factor: '0.4' },
        { upTo: null, factor: '0.2' },
      ]),
  }),
  meter({ readings, servers }, { tiers }): MeterResult {
    const { known, gaps } = fitted(onPremises(servers));
    const counted = [
      ...readings.map(({ subjectId, quantity, evidence }) => ({
        subjectId,
        licensableQuantity: quantity,
        evidence,
      })),
      ...known.map(({ server, cores }) => ({
        subjectId: server.serverId,
        licensableQuantity: String(cores),
        evidence: server.evidence,
      })),
    ];
    const total = sumQuantities(counted.map((each) => each.licensableQuantity));
    const steps = graduated(parseDecimal(total), tiers);
    const units = ceil(steps.reduce((sum, { units: each }) => add(sum, each), rational(0n)));
    return {
      required: String(units),
      // Graduated over the total: no single resource needs a number of units of its own.
      counted: counted.map((each) => ({ ...each, licensableQuantity: '0' })),
      excluded: [],
      gaps,
      figures: { resources: total },
      explanation: steps.map(
        ({ of, factor, units: each }) => `${toPlain(of, 6)} × ${factor} = ${toPlain(each, 6)}`,
      ),
    };
  },
});

/** How much falls into each tier, and what it counts. */
function graduated(
  total: Rational,
  tiers: readonly { readonly upTo: number | null; readonly factor: string }[],
) {
  let from = rational(0n);
  return tiers.flatMap(({ upTo, factor }) => {
    const end =
      upTo === null || compare(total, rational(BigInt(upTo))) < 0 ? total : rational(BigInt(upTo));
    const of = subtract(end, from);
    if (compare(of, rational(0n)) <= 0) return [];
    from = end;
    return [{ of, factor, units: multiply(of, parseDecimal(factor)) }];
  });
}
