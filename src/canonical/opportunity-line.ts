import * as z from 'zod';
import { CurrencyCode, ExternalRef, QuantityText, SkuCode, UnitPrice, validity } from './fields.ts';

/** One product of a deal; validity is the service period that the customer buys. */
export const OpportunityLine = z.strictObject({
  externalRef: ExternalRef,
  opportunityRef: ExternalRef,
  lineNumber: z.number().int().optional(),
  skuCode: SkuCode,
  quantity: QuantityText,
  unitPrice: UnitPrice,
  currency: CurrencyCode.optional(),
  ...validity,
});
export type OpportunityLine = z.infer<typeof OpportunityLine>;
