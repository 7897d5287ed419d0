import * as z from 'zod';
import { Amount, CurrencyCode, ExternalRef, QuantityText, SkuCode, UnitPrice } from './fields.ts';

export const InvoiceLine = z.strictObject({
  externalRef: ExternalRef,
  invoiceRef: ExternalRef,
  lineNumber: z.number().int(),
  skuCode: SkuCode,
  quantity: QuantityText,
  unitPrice: UnitPrice,
  amount: Amount.optional(),
  currency: CurrencyCode.optional(),
});
export type InvoiceLine = z.infer<typeof InvoiceLine>;
