import * as z from 'zod';
import { ExternalRef, Instant, QuantityText, SkuCode } from './fields.ts';

/** A licence server that said no. Denied demand is no breach; it is demand that was not met. */
export const DenialEvent = z.strictObject({
  externalRef: ExternalRef,
  skuCode: SkuCode,
  feature: z.string().min(1),
  requested: QuantityText.default('1'),
  reasonCode: z.string().min(1),
  userRef: ExternalRef.optional(),
  at: Instant,
});
export type DenialEvent = z.infer<typeof DenialEvent>;
