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

/** One line of a purchase; validity is the term bought. */
export const PurchaseOrderLine = z.strictObject({
  externalRef: ExternalRef,
  purchaseOrderRef: ExternalRef,
  lineNumber: z.number().int(),
  skuCode: SkuCode,
  quantity: QuantityText,
  unitPrice: UnitPrice,
  amount: Amount.optional(),
  currency: CurrencyCode.optional(),
  quantityReceived: QuantityText.default('0'),
  quantityBilled: QuantityText.default('0'),
  ...validity,
});
export type PurchaseOrderLine = z.infer<typeof PurchaseOrderLine>;
