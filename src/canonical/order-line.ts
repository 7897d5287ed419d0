import * as z from 'zod';
import {
  Amount,
  CurrencyCode,
  ExternalRef,
  QuantityText,
  SkuCode,
  UnitPrice,
  validity,
} from './fields.ts';

/** One line of an order; validity is its service period, which is when its rights are in force. */
export const OrderLine = z.strictObject({
  externalRef: ExternalRef,
  orderRef: ExternalRef,
  lineNumber: z.number().int(),
  skuCode: SkuCode,
  quantity: QuantityText,
  unitPrice: UnitPrice,
  amount: Amount.optional(),
  currency: CurrencyCode.optional(),
  /** Closed lines carry no rights. */
  closed: z.boolean().default(false),
  quantityBilled: QuantityText.default('0'),
  /** Our entitlement that this line pays for, on orders that Trueup wrote. */
  entitlementRef: z.string().optional(),
  ...validity,
});
export type OrderLine = z.infer<typeof OrderLine>;
