import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/**
 * A contract record as a CRM or contract-management system files it: its number and its state of signature.
 * The `agreement` is what it means (terms, posture, notice); one agreement may be filed as several contracts.
 */
export const Contract = z.strictObject({
  externalRef: ExternalRef,
  number: z.string(),
  accountRef: ExternalRef.optional(),
  agreementRef: ExternalRef.optional(),
  opportunityRef: z.string().optional(),
  status: z.enum(['draft', 'in_approval', 'activated', 'expired', 'terminated']),
  effectExternalId: z.string().optional(),
  ...validity,
});
export type Contract = z.infer<typeof Contract>;
