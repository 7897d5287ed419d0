import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, ExternalRef } from './fields.ts';

export const Invoice = z.strictObject({
  externalRef: ExternalRef,
  number: z.string(),
  accountRef: ExternalRef.optional(),
  orderRef: ExternalRef.optional(),
  status: z.string().optional(),
  invoiceDate: CalendarDate,
  currency: CurrencyCode.optional(),
  total: Amount.optional(),
});
export type Invoice = z.infer<typeof Invoice>;
