import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** The rules that a reconciliation runs under, as one thing that is versioned and approved. */
export const RuleSet = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  description: z.string().optional(),
});
export type RuleSet = z.infer<typeof RuleSet>;
