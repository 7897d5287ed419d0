import * as z from 'zod';
import { CalendarDate, CurrencyCode, ExternalRef } from './fields.ts';

/**
 * A commercial event that can carry rights: a sales order of the ERP, an order of the CRM, a purchase, or the
 * opening balance of a paper contract. Rights start only from an activated order (contract §9).
 */
export const Order = z.strictObject({
  externalRef: ExternalRef,
  number: z.string(),
  kind: z.enum(['sales', 'crm', 'purchase', 'opening_balance']),
  posture: z.enum(['licensor', 'licensee']),
  accountRef: ExternalRef.optional(),
  opportunityRef: z.string().optional(),
  agreementRef: ExternalRef.optional(),
  status: z.enum(['draft', 'pending_approval', 'activated', 'billed', 'closed', 'cancelled']),
  orderDate: CalendarDate,
  currency: CurrencyCode.optional(),
  subsidiaryRef: ExternalRef.optional(),
  purchaseOrderNumber: z.string().optional(),
  effectExternalId: z.string().optional(),
  effectIntentId: z.string().optional(),
});
export type Order = z.infer<typeof Order>;
