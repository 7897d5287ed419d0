import * as z from 'zod';
import { ExternalRef, SkuCode, validity } from './fields.ts';

/** One installed or provisioned copy of a product. */
export const ProductInstance = z.strictObject({
  externalRef: ExternalRef,
  posture: z.enum(['licensor', 'licensee']),
  skuCode: SkuCode.optional(),
  softwareModelRef: ExternalRef.optional(),
  customerRef: z.string().optional(),
  deviceRef: ExternalRef.optional(),
  hostRef: ExternalRef.optional(),
  vmRef: ExternalRef.optional(),
  version: z.string().optional(),
  edition: z.string().optional(),
  environment: z.enum(['prod', 'nonprod']).default('prod'),
  ...validity,
});
export type ProductInstance = z.infer<typeof ProductInstance>;
