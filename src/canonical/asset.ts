import * as z from 'zod';
import { ExternalRef, QuantityText, SkuCode, validity } from './fields.ts';

/** What the CRM shows of a customer's entitlement. */
export const Asset = z.strictObject({
  externalRef: ExternalRef,
  name: z.string(),
  accountRef: ExternalRef.optional(),
  skuCode: SkuCode.optional(),
  quantity: QuantityText.optional(),
  status: z.string().optional(),
  effectExternalId: z.string().optional(),
  ...validity,
});
export type Asset = z.infer<typeof Asset>;
