import * as z from 'zod';
import { CurrencyCode, ExternalRef, QuantityText, SkuCode, validity } from './fields.ts';

/** How the price of a quantity is found; the tiers are its rows. */
export const PriceSchedule = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().optional(),
  skuCode: SkuCode.optional(),
  currency: CurrencyCode,
  model: z.enum(['per_unit', 'graduated', 'volume', 'package', 'slab', 'overage', 'block', 'flat']),
  freeUnits: QuantityText.default('0'),
  aggregationScope: z.enum(['order', 'account', 'affiliate_group']).default('order'),
  ...validity,
});
export type PriceSchedule = z.infer<typeof PriceSchedule>;
