import * as z from 'zod';
import { defineMetric, type MetricSubject } from '../../sdk/define-metric.ts';
import { countEach, oneEach } from '../../sdk/metering.ts';

function reasonAgainst({ kind, assigned }: MetricSubject, humansOnly: boolean): string | null {
  if (humansOnly && (kind === 'service' || kind === 'shared')) return 'non_human';
  return assigned ? null : 'not_assigned';
}

/** One right per person who is authorised to use the product, active or not: inactivity is no defence (G-02). */
export default defineMetric({
  code: 'named_user',
  version: 1,
  title: 'Named user',
  family: 'user',
  unit: 'user',
  aggregation: 'count_distinct',
  source:
    'OpTISAM, metric "Oracle NUP": users are counted regardless of whether the individual is actively using the program',
  attributes: z.strictObject({ humansOnly: z.boolean().default(true) }),
  meter({ subjects }, { humansOnly }) {
    const { counted, excluded } = oneEach(subjects, (each) => reasonAgainst(each, humansOnly));
    return countEach(counted, excluded, [
      `Named user: ${counted.length} persons authorised, one right each, active or not; ${excluded.length} excluded.`,
    ]);
  },
});
