import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** How an organisation cuts its years into periods; the arithmetic is in the kernel's fiscal calendar. */
export const FiscalCalendar = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().optional(),
  kind: z.enum(['gregorian_months', '445', '454', '544']),
  /** The month (1 to 12) in which, or near whose end, the year ends. */
  yearEndMonth: z.number().int().min(1).max(12),
  /** Which weekday closes a week calendar's year, 0 = Sunday; not used by Gregorian years. */
  yearEndWeekday: z.number().int().min(0).max(6).default(6),
  yearEndRule: z.enum(['last_dow_of_month', 'dow_nearest_eom']).default('dow_nearest_eom'),
  yearNaming: z.enum(['start', 'end']).default('end'),
  week53Placement: z.enum(['last_period', 'penultimate']).default('last_period'),
});
export type FiscalCalendar = z.infer<typeof FiscalCalendar>;
