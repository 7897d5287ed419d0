import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, ExternalRef } from './fields.ts';

/** An offer to a customer: a CRM quote or an ERP estimate. It never carries rights. */
export const Quote = z.strictObject({
  externalRef: ExternalRef,
  number: z.string(),
  accountRef: ExternalRef.optional(),
  opportunityRef: z.string().optional(),
  status: z.enum(['draft', 'presented', 'accepted', 'rejected', 'expired']),
  quoteDate: CalendarDate,
  expiresOn: CalendarDate.optional(),
  currency: CurrencyCode.optional(),
  total: Amount.optional(),
  effectExternalId: z.string().optional(),
});
export type Quote = z.infer<typeof Quote>;
