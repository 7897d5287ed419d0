import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** A part of our organisation that holds people and bears costs. */
export const Department = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  parentRef: ExternalRef.optional(),
  costCenter: z.string().optional(),
  managerRef: ExternalRef.optional(),
  subsidiaryRef: ExternalRef.optional(),
});
export type Department = z.infer<typeof Department>;
