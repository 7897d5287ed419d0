import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** Why a login is held to belong to a person. The evidence is data, so a merge can be undone. */
export const IdentityLink = z.strictObject({
  externalRef: ExternalRef,
  accountConnection: z.string(),
  accountRef: ExternalRef,
  personRef: ExternalRef,
  method: z.enum(['externalId', 'employeeNumber', 'verifiedEmail', 'alias', 'manual']),
  /** 0 to 1; below 0.8 nothing relies on the link. */
  confidence: z.number().min(0).max(1),
  decidedBy: z.string(),
  evidence: z.array(z.string()).default([]),
  ...validity,
});
export type IdentityLink = z.infer<typeof IdentityLink>;
