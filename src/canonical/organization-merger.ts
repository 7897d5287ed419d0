import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** One record of a company that its system merged into another: who still names the first one means the second. */
export const OrganizationMerger = z.strictObject({
  /** The record that ended. */
  externalRef: ExternalRef,
  survivorRef: ExternalRef,
});
export type OrganizationMerger = z.infer<typeof OrganizationMerger>;
