import * as z from 'zod';
import {
  Amount,
  CalendarDate,
  CurrencyCode,
  ExternalRef,
  QuantityText,
  SkuCode,
  UnitPrice,
} from './fields.ts';

export const RenewalLine = z.strictObject({
  skuCode: SkuCode,
  quantity: QuantityText,
  unitPrice: UnitPrice,
  amount: Amount,
});
export type RenewalLine = z.infer<typeof RenewalLine>;

/** The renewal of what one customer's rights end on one day: due date, notice date, base to renew. */
export const RenewalTerm = z.strictObject({
  externalRef: ExternalRef,
  ownerRef: z.string(),
  currency: CurrencyCode,
  entitlementRefs: z.array(ExternalRef).min(1),
  /** First day of the renewed term: the day after the old one's last (rule c.9). */
  renewalFrom: CalendarDate,
  renewalTo: CalendarDate,
  noticeDeadline: CalendarDate,
  /** The day from which the renewal is worked on: due date minus the lead time. */
  openFrom: CalendarDate,
  lines: z.array(RenewalLine).min(1),
  total: Amount,
  status: z.enum(['open', 'notified', 'quoted', 'won', 'lost', 'auto_renewed', 'evergreen']),
});
export type RenewalTerm = z.infer<typeof RenewalTerm>;
