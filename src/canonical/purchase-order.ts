import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, ExternalRef } from './fields.ts';

/** Our own order at a publisher or reseller. */
export const PurchaseOrder = z.strictObject({
  externalRef: ExternalRef,
  number: z.string(),
  vendorRef: ExternalRef.optional(),
  agreementRef: ExternalRef.optional(),
  status: z.enum([
    'draft',
    'pending_approval',
    'approved',
    'received',
    'billed',
    'closed',
    'cancelled',
  ]),
  orderDate: CalendarDate,
  currency: CurrencyCode.optional(),
  total: Amount.optional(),
  projectRef: ExternalRef.optional(),
  departmentRef: ExternalRef.optional(),
});
export type PurchaseOrder = z.infer<typeof PurchaseOrder>;
