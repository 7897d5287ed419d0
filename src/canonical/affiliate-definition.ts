import * as z from 'zod';
import { ExternalRef, Percent } from './fields.ts';

/** What "affiliate" means under one agreement: a contract term, evaluated per agreement. */
export const AffiliateDefinition = z.strictObject({
  externalRef: ExternalRef,
  agreementRef: ExternalRef,
  rule: z.enum(['ownership_gt', 'ownership_ge', 'control', 'named_list']),
  thresholdPct: Percent.optional(),
  organizationRefs: z.array(ExternalRef).default([]),
});
export type AffiliateDefinition = z.infer<typeof AffiliateDefinition>;
