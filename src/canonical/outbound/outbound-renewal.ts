import * as z from 'zod';
import {
  Amount,
  CalendarDate,
  CurrencyCode,
  ExternalRef,
  QuantityText,
  SkuCode,
  UnitPrice,
} from '../fields.ts';

export const OutboundRenewalLine = z.strictObject({
  skuCode: SkuCode,
  quantity: QuantityText,
  unitPrice: UnitPrice,
  /** Quantity × unit price, rounded once at the currency's exponent. */
  amount: Amount,
  serviceFrom: CalendarDate,
  serviceToInclusive: CalendarDate,
});
export type OutboundRenewalLine = z.infer<typeof OutboundRenewalLine>;

/** What commerce asks the CRM (opportunity) and the ERP (estimate) to hold for a renewal that is due. */
export const OutboundRenewal = z.strictObject({
  renewalId: z.string().min(1),
  name: z.string().min(1),
  /** The CRM's id of the account. */
  accountRef: ExternalRef,
  /** The ERP's id of the customer; absent when the ERP does not know the account. */
  erpCustomerRef: ExternalRef.optional(),
  subsidiaryRef: ExternalRef.optional(),
  currency: CurrencyCode,
  /** First and last day of the renewed term. */
  renewalFrom: CalendarDate,
  renewalToInclusive: CalendarDate,
  /** The last day on which notice is in time (G-55). */
  noticeDeadline: CalendarDate,
  closeDate: CalendarDate,
  lines: z.array(OutboundRenewalLine).min(1),
  total: Amount,
});
export type OutboundRenewal = z.infer<typeof OutboundRenewal>;
