import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** Where measurements come from, and how often it should be heard: silence beyond that is a gap, not zero use. */
export const UsageSource = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  kind: z.enum(['directory', 'telemetry', 'licence_server', 'inventory', 'billing_api', 'file']),
  expectedIntervalSeconds: z.number().int().positive().optional(),
  schemaVersion: z.string().optional(),
});
export type UsageSource = z.infer<typeof UsageSource>;
