import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, ExternalRef } from './fields.ts';

/** What is asked for, or given back. Absent, the kind is an invoice of ours. */
export const Invoice = z.strictObject({
  externalRef: ExternalRef,
  number: z.string(),
  /** `credit`: we give this much back. `vendor_bill`: a vendor asks us, and `orderRef` is our purchase order. */
  kind: z.enum(['invoice', 'credit', 'vendor_bill']).optional(),
  /** The invoice that a credit takes back from. */
  creditOf: ExternalRef.optional(),
  accountRef: ExternalRef.optional(),
  orderRef: ExternalRef.optional(),
  status: z.string().optional(),
  invoiceDate: CalendarDate,
  currency: CurrencyCode.optional(),
  total: Amount.optional(),
});
export type Invoice = z.infer<typeof Invoice>;
