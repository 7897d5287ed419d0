import * as z from 'zod';
import { ExternalRef, Instant, QuantityText, SkuCode } from './fields.ts';

/** A measurement of use (ISO/IEC 19770-4 calls it resource utilization measurement). */
export const UsageObservation = z.strictObject({
  externalRef: ExternalRef,
  posture: z.enum(['licensor', 'licensee']),
  subjectType: z.enum(['account', 'device', 'host', 'instance']),
  subjectRef: ExternalRef,
  skuCode: SkuCode,
  customerRef: z.string().optional(),
  kind: z.enum(['installed', 'assigned', 'active', 'checked_out', 'borrowed', 'metered']),
  quantity: QuantityText.default('1'),
  observedAt: Instant,
});
export type UsageObservation = z.infer<typeof UsageObservation>;
