import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { compareQuantity, sumQuantities } from '../../sdk/kernel.ts';

/** The larger of what production and what all else needs, not both together. */
export default defineMetric({
  code: 'environment_maximum',
  version: 1,
  title: 'Larger of production and other use',
  family: 'capacity',
  unit: 'core',
  aggregation: 'sum',
  source: 'OpTISAM, "Software AG": the maximum of production and non-production, not their sum',
  attributes: z.strictObject({}),
  meter({ readings }) {
    const sums = (['prod', 'nonprod'] as const).map((environment) => {
      const own = readings.filter((each) => each.environment === environment);
      return { environment, own, sum: sumQuantities(own.map(({ quantity }) => quantity)) };
    });
    const [prod, other] = sums;
    const larger =
      prod !== undefined && other !== undefined && compareQuantity(other.sum, prod.sum) > 0
        ? other
        : prod;
    return {
      required: larger?.sum ?? '0',
      counted: (larger?.own ?? []).map(({ subjectId, quantity, evidence }) => ({
        subjectId,
        licensableQuantity: quantity,
        evidence,
      })),
      excluded: sums
        .filter((each) => each !== larger)
        .flatMap(({ own }) =>
          own.map(({ subjectId }) => ({ subjectId, reason: 'smaller_environment' })),
        ),
      explanation: [
        `max(${sums.map(({ environment, sum }) => `${environment} ${sum}`).join(', ')}) = ${larger?.sum ?? '0'}`,
      ],
    };
  },
});
