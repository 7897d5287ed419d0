import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** What is licensed, whatever its version. Identity marks (SWID, purl, CPE) are kept where the source knows them. */
export const SoftwareProduct = z.strictObject({
  externalRef: ExternalRef,
  publisherRef: ExternalRef.optional(),
  name: z.string().min(1),
  swidTagId: z.string().optional(),
  purl: z.string().startsWith('pkg:').optional(),
  cpe: z.string().startsWith('cpe:').optional(),
  /** How much the business depends on it: what may be reclaimed without asking, and what may not. */
  criticality: z.enum(['low', 'medium', 'high', 'critical']).optional(),
});
export type SoftwareProduct = z.infer<typeof SoftwareProduct>;
