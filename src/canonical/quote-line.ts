import * as z from 'zod';
import { CurrencyCode, ExternalRef, QuantityText, SkuCode, UnitPrice, validity } from './fields.ts';

/** One line of an offer; validity is the service period offered. */
export const QuoteLine = z.strictObject({
  externalRef: ExternalRef,
  quoteRef: ExternalRef,
  lineNumber: z.number().int().optional(),
  skuCode: SkuCode,
  quantity: QuantityText,
  unitPrice: UnitPrice,
  currency: CurrencyCode.optional(),
  ...validity,
});
export type QuoteLine = z.infer<typeof QuoteLine>;
