import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** A publisher's dated policy document of factors (cores, PVU, RVU). It is policy, not contract: keep the edition. */
export const FactorTable = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  kind: z.enum(['core_factor', 'pvu', 'rvu_tiers', 'other']),
  edition: z.string().min(1),
  sourceUri: z.string().optional(),
  ...validity,
});
export type FactorTable = z.infer<typeof FactorTable>;
