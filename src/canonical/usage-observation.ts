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
  /** The time that the quantity was counted over, half-open; absent for a sign of use at `observedAt`. */
  from: Instant.optional(),
  to: Instant.optional(),
  metricCode: z.string().min(1).max(63).optional(),
  unit: z.string().min(1).max(40).optional(),
  /** What it was counted by, such as `api-calls@3`. */
  schemaVersion: z.string().min(1).max(100).optional(),
});
export type UsageObservation = z.infer<typeof UsageObservation>;
