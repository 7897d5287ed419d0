import * as z from 'zod';
import { ExternalRef, Instant, Sha256, validity } from './fields.ts';

/** One approved state of a rule set, by content, and the days on which runs count by it. */
export const RuleSetVersion = z.strictObject({
  externalRef: ExternalRef,
  ruleSetRef: ExternalRef,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'is not a version such as 1.4.0'),
  contentHash: Sha256,
  approvedBy: z.string().optional(),
  activatedAt: Instant.optional(),
  rolledBackFrom: ExternalRef.optional(),
  ...validity,
});
export type RuleSetVersion = z.infer<typeof RuleSetVersion>;
