import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** How a price is cut to a part of its term, and where the rounding remainder goes (rules b.1 and c.9). */
export const ProrationPolicy = z.strictObject({
  externalRef: ExternalRef,
  precision: z.enum([
    'day',
    'day_leap',
    'month_up',
    'month_plus_day',
    'calendar_period',
    'strict_30_360',
    'actual_360',
    'actual_month',
    'second',
  ]),
  partialPeriodsAllowed: z.boolean().default(true),
  remainderStrategy: z.enum(['first', 'last']).default('last'),
});
export type ProrationPolicy = z.infer<typeof ProrationPolicy>;
