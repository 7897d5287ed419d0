import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** A machine that a person uses. */
export const Device = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  serialNumber: z.string().optional(),
  kind: z.enum(['desktop', 'laptop', 'mobile', 'kiosk', 'scanner', 'other']).default('other'),
  primaryUserRef: ExternalRef.optional(),
  organizationRef: ExternalRef.optional(),
  environment: z.enum(['prod', 'nonprod']).default('prod'),
  active: z.boolean().default(true),
  ...validity,
});
export type Device = z.infer<typeof Device>;
