import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** One edge of the organisation tree. The tree stays acyclic at every valid time. */
export const OrganizationRelationship = z.strictObject({
  externalRef: ExternalRef,
  parentRef: ExternalRef,
  childRef: ExternalRef,
  relation: z.enum(['owns', 'controls', 'franchise', 'outsourcer']),
  /** Share owned in percent, as a decimal string. */
  ownershipPct: z.string().optional(),
  ...validity,
});
export type OrganizationRelationship = z.infer<typeof OrganizationRelationship>;
