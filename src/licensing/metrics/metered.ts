import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import {
  ceil,
  compareQuantity,
  divide,
  minQuantity,
  parseDecimal,
  subtractQuantity,
  sumQuantities,
} from '../../sdk/kernel.ts';

/** What was metered over the window, beyond what is included, in units of so many; never more than the cap. */
export default defineMetric({
  code: 'metered',
  version: 1,
  title: 'Metered consumption',
  family: 'consumption',
  unit: 'unit',
  aggregation: 'sum',
  source:
    'Lago and Zuora, package and overage charge models: free units first, then started packages',
  attributes: z.strictObject({
    included: z.string().default('0'),
    unitSize: z.string().default('1'),
    cap: z.string().nullable().default(null),
  }),
  meter({ readings }, { included, unitSize, cap }) {
    const total = sumQuantities(readings.map(({ quantity }) => quantity));
    const beyond = compareQuantity(total, included) > 0 ? subtractQuantity(total, included) : '0';
    const units = String(ceil(divide(parseDecimal(beyond), parseDecimal(unitSize))));
    const required = cap === null ? units : minQuantity(units, cap);
    return {
      required,
      counted: readings.map(({ subjectId, evidence }) => ({
        subjectId,
        licensableQuantity: '0',
        evidence,
      })),
      excluded: [],
      figures: { metered: total },
      explanation: [
        `${total} metered, ${included} included: ceil(${beyond} / ${unitSize}) = ${units}${cap === null ? '' : `, at most ${cap}`}`,
      ],
    };
  },
});
