import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** A physical server. Topology has valid time, because 90-day rules ask where things ran. */
export const Host = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  clusterRef: ExternalRef.optional(),
  processorModel: z.string().optional(),
  physicalSockets: z.number().int().positive().optional(),
  occupiedSockets: z.number().int().positive().optional(),
  coresPerSocket: z.number().int().positive().optional(),
  threadsPerCore: z.number().int().positive().optional(),
  environment: z.enum(['prod', 'nonprod']).default('prod'),
  ...validity,
});
export type Host = z.infer<typeof Host>;
