import * as z from 'zod';
import { ExternalRef, Instant, QuantityText, SkuCode } from './fields.ts';

/** A product that announced itself to a licence service: a key activated, a server registered. */
export const Activation = z.strictObject({
  externalRef: ExternalRef,
  skuCode: SkuCode,
  customerRef: z.string().optional(),
  instanceRef: ExternalRef.optional(),
  entitlementRef: ExternalRef.optional(),
  quantity: QuantityText.default('1'),
  status: z.enum(['active', 'released', 'refused']).default('active'),
  activatedAt: Instant,
  releasedAt: Instant.optional(),
});
export type Activation = z.infer<typeof Activation>;
