import * as z from 'zod';
import { CalendarDate, ExternalRef } from '../fields.ts';

/** What commerce asks the CRM to hold for a won deal: one contract. */
export const OutboundContract = z.strictObject({
  dealId: z.string().min(1),
  /** The CRM's id of the opportunity. */
  opportunityRef: ExternalRef,
  /** The CRM's id of the account. */
  accountRef: ExternalRef,
  name: z.string().min(1),
  startDate: CalendarDate,
  /** Whole months; the CRM derives the inclusive end from it. */
  termMonths: z.number().int().positive(),
  /** `draft` until the order is activated; rights never start from a contract. */
  status: z.enum(['draft', 'activated']),
  /** Days before the end by which notice must be given. */
  noticeDays: z.number().int().nonnegative().optional(),
});
export type OutboundContract = z.infer<typeof OutboundContract>;
