import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { countEach, oneEach } from '../../sdk/metering.ts';

/** One right per person of the licensee, whoever uses the product: the whole staff is the measure (G-44). */
export default defineMetric({
  code: 'employee',
  version: 1,
  title: 'Employee',
  family: 'user',
  unit: 'employee',
  aggregation: 'count_distinct',
  source:
    'ServiceNow SAM, "Oracle price tiers": Java SE Universal Subscription counts all employees',
  attributes: z.strictObject({}),
  meter({ subjects }) {
    const { counted, excluded } = oneEach(subjects, ({ kind }) =>
      kind === 'service' || kind === 'shared' ? 'non_human' : null,
    );
    return countEach(counted, excluded, [
      `Employee: ${counted.length} persons, users of the product or not; ${excluded.length} logins are nobody's.`,
    ]);
  },
});
