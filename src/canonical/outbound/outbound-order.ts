import * as z from 'zod';
import {
  CalendarDate,
  CurrencyCode,
  ExternalRef,
  QuantityText,
  SkuCode,
  UnitPrice,
} from '../fields.ts';

export const OutboundOrderLine = z.strictObject({
  lineNumber: z.number().int().positive(),
  skuCode: SkuCode,
  quantity: QuantityText,
  unitPrice: UnitPrice,
  serviceFrom: CalendarDate,
  /** The last day of service, as the ERP's screens show it; absent for an open end. */
  serviceToInclusive: CalendarDate.optional(),
  /** Our entitlement that this line pays for, so that rights can be traced from the ERP's screen. */
  entitlementId: z.string().optional(),
  /** True closes the line: what a reopened deal does to lines that are not billed yet. */
  closed: z.boolean().optional(),
});
export type OutboundOrderLine = z.infer<typeof OutboundOrderLine>;

/** What commerce asks the ERP to hold for a won deal: one sales order. */
export const OutboundOrder = z.strictObject({
  dealId: z.string().min(1),
  /** The CRM's id of the opportunity. */
  opportunityRef: ExternalRef,
  opportunityName: z.string(),
  /** The ERP's id of the customer. */
  erpCustomerRef: ExternalRef,
  subsidiaryRef: ExternalRef.optional(),
  currency: CurrencyCode,
  orderDate: CalendarDate,
  purchaseOrderNumber: z.string().optional(),
  lines: z.array(OutboundOrderLine).min(1),
});
export type OutboundOrder = z.infer<typeof OutboundOrder>;
