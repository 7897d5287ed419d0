import * as z from 'zod';
import {
  CalendarDate,
  CurrencyCode,
  ExternalRef,
  QuantityText,
  SkuCode,
  UnitPrice,
} from './fields.ts';

/**
 * A quantified right to use, under one metric, granted to a party. How many rights are in force on a day is the
 * sum of its transactions, never a figure kept here. Only the commerce room writes it.
 */
export const Entitlement = z.strictObject({
  externalRef: ExternalRef,
  posture: z.enum(['licensor', 'licensee']),
  skuCode: SkuCode,
  /** The CRM account that owns the rights (licensor), or our own organisation's name (licensee). */
  ownerRef: z.string(),
  /** Where it comes from: the deal, and once activated the order line. */
  dealRef: z.string().optional(),
  orderConnection: z.string().optional(),
  orderRef: ExternalRef.optional(),
  orderLineRef: ExternalRef.optional(),
  agreementRef: ExternalRef.optional(),
  status: z.enum(['draft', 'active', 'reversed']),
  unlimited: z.boolean().default(false),
  /** What a draft will grant, and for which period, once its order is activated. It gives no rights. */
  plannedQuantity: QuantityText.optional(),
  plannedFrom: CalendarDate.optional(),
  plannedTo: CalendarDate.optional(),
  unitPrice: UnitPrice.optional(),
  currency: CurrencyCode.optional(),
});
export type Entitlement = z.infer<typeof Entitlement>;
