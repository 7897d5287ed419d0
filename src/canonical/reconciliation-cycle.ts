import * as z from 'zod';
import { validity } from './fields.ts';

/** A recurring review of positions that people sign off. */
export const ReconciliationCycle = z.strictObject({
  id: z.string(),
  name: z.string().min(1),
  scope: z.string(),
  frequency: z.enum(['monthly', 'quarterly', 'half_yearly', 'yearly', 'once']),
  status: z.enum(['collecting', 'computed', 'in_review', 'signed_off', 'reopened']),
  ownerRef: z.string().optional(),
  ...validity,
});
export type ReconciliationCycle = z.infer<typeof ReconciliationCycle>;
