import * as z from 'zod';
import { CalendarDate, ExternalRef, QuantityText } from '../fields.ts';

/** What the CRM shows of a customer's licence position, on the account itself. */
export const OutboundAccountSummary = z.strictObject({
  /** The CRM's id of the account; the account exists already and is updated by it. */
  accountRef: ExternalRef,
  rightsOwned: QuantityText,
  rightsInUse: QuantityText,
  shortfall: QuantityText,
  /** The position in a word, such as `compliant` or `shortfall`. */
  status: z.string().min(1),
  asOf: CalendarDate,
  nextRenewal: CalendarDate.optional(),
  openFindings: z.number().int().nonnegative(),
});
export type OutboundAccountSummary = z.infer<typeof OutboundAccountSummary>;
