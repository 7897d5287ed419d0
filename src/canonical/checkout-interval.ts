import * as z from 'zod';
import { ExternalRef, Instant, QuantityText, SkuCode } from './fields.ts';

/** A floating licence held from check-out to check-in, half-open; a borrowed one is held until it expires. */
export const CheckoutInterval = z.strictObject({
  externalRef: ExternalRef,
  posture: z.enum(['licensor', 'licensee']),
  skuCode: SkuCode,
  server: z.string().optional(),
  feature: z.string().min(1),
  quantity: QuantityText.default('1'),
  userRef: ExternalRef.optional(),
  hostRef: ExternalRef.optional(),
  customerRef: z.string().optional(),
  outAt: Instant,
  inAt: Instant.optional(),
  endReason: z.enum(['in', 'shutdown', 'timeout', 'borrow_expiry', 'inferred']).optional(),
  borrowedUntil: Instant.optional(),
});
export type CheckoutInterval = z.infer<typeof CheckoutInterval>;
