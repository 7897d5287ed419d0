import * as z from 'zod';
import { QuantityText, SkuCode } from './fields.ts';

/** What one subject needs under a metric in one run; an excluded one says why. */
export const DemandLine = z.strictObject({
  id: z.string(),
  runRef: z.string(),
  subjectRef: z.string(),
  skuCode: SkuCode,
  ownerRef: z.string(),
  rawQuantity: QuantityText,
  licensableQuantity: QuantityText,
  metricCode: z.string(),
  metricVersion: z.number().int().positive(),
  explanation: z.array(z.string()),
  excludedReason: z.string().optional(),
  exceptionRef: z.string().optional(),
});
export type DemandLine = z.infer<typeof DemandLine>;
