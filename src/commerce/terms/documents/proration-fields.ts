import * as z from 'zod';
import { CalendarDate } from '../../../canonical/fields.ts';
import { PRORATION_METHODS } from '../prorate.ts';

/** How a document says by which rule prices are cut to parts of their term. */
export const ProrationFields = z.strictObject({
  method: z.enum(PRORATION_METHODS).default('day'),
  anchor: CalendarDate.optional().describe('A day on which a billing period or contract year begins'), // prettier-ignore
  periodMonths: z.number().int().min(1).max(120).optional().describe('Months of a billing period, for calendar_period'), // prettier-ignore
  partialPeriodsAllowed: z.boolean().optional().describe('Whether calendar_period charges parts of a period as parts; true where absent'), // prettier-ignore
});

/** For how many months a stated price is. */
export const perMonths = z
  .number()
  .int()
  .min(1)
  .max(120)
  .default(12)
  .describe('The stated price is for so many months');
