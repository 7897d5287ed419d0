import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** One licensable form of a product: its version, edition, platform and language. */
export const SoftwareModel = z.strictObject({
  externalRef: ExternalRef,
  productRef: ExternalRef,
  version: z.string().optional(),
  edition: z.string().optional(),
  platform: z.string().optional(),
  language: z.string().optional(),
});
export type SoftwareModel = z.infer<typeof SoftwareModel>;
