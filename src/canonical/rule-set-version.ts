import * as z from 'zod';
import { ExternalRef, Instant, Sha256 } from './fields.ts';

/** One approved state of a rule set, by content. */
export const RuleSetVersion = z.strictObject({
  externalRef: ExternalRef,
  ruleSetRef: ExternalRef,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'is not a version such as 1.4.0'),
  contentHash: Sha256,
  approvedBy: z.string().optional(),
  activatedAt: Instant.optional(),
  rolledBackFrom: ExternalRef.optional(),
});
export type RuleSetVersion = z.infer<typeof RuleSetVersion>;
