import * as z from 'zod';
import { defineMetric, type MetricSubject } from '../../sdk/define-metric.ts';
import { countEach, oneEach } from '../../sdk/metering.ts';

function reasonAgainst(
  { kind, assigned, active }: MetricSubject,
  humansOnly: boolean,
): string | null {
  if (humansOnly && (kind === 'service' || kind === 'shared')) return 'non_human';
  if (!assigned) return 'not_assigned';
  return active ? null : 'inactive';
}

/** One right per person with an active subscription, however many logins or records the person has (G-01). */
export default defineMetric({
  code: 'user_subscription',
  version: 1,
  title: 'User subscription',
  family: 'user',
  unit: 'user',
  aggregation: 'count_distinct',
  source:
    'ServiceNow SAM, "Software Asset Management license metrics": one right per active unique subscription record per user',
  attributes: z.strictObject({ humansOnly: z.boolean().default(true) }),
  meter({ subjects }, { humansOnly }) {
    const { counted, excluded } = oneEach(subjects, (each) => reasonAgainst(each, humansOnly));
    return countEach(counted, excluded, [
      `User subscription: ${counted.length} persons with an active subscription, one right each; ${excluded.length} excluded.`,
    ]);
  },
});
