import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, ExternalRef, validity } from './fields.ts';

/**
 * The legal source of rights: we encode it, it governs. `posture` says whether we sold (licensor) or
 * bought (licensee). Validity is the term.
 */
export const Agreement = z.strictObject({
  externalRef: ExternalRef,
  number: z.string(),
  posture: z.enum(['licensor', 'licensee']),
  type: z.enum(['standard', 'enterprise', 'ula', 'saas_msa', 'order_form']).default('standard'),
  /** The customer (licensor) or the publisher (licensee) on the other side. */
  counterpartyRef: ExternalRef.optional(),
  counterpartyName: z.string().optional(),
  publisherRef: ExternalRef.optional(),
  resellerRef: ExternalRef.optional(),
  parentAgreementRef: ExternalRef.optional(),
  governingDocument: z.string().optional(),
  auditClause: z.string().optional(),
  stewardRef: z.string().optional(),
  reviewDueAt: CalendarDate.optional(),
  upliftPolicyRef: ExternalRef.optional(),
  /** How and when use beyond the commitment is squared. */
  trueUpPolicyRef: ExternalRef.optional(),
  evergreen: z.boolean().optional(),
  /** Days after the end in which use is tolerated: they give grace rights, never owned ones (G-10). */
  graceDays: z.number().int().nonnegative().optional(),
  status: z.string().optional(),
  timeZone: z.string().default('UTC'),
  autoRenew: z.boolean().default(false),
  noticeDays: z.number().int().nonnegative().default(0),
  renewalTermMonths: z.number().int().positive().optional(),
  minimumCommitment: Amount.optional(),
  currency: CurrencyCode.optional(),
  effectExternalId: z.string().optional(),
  ...validity,
});
export type Agreement = z.infer<typeof Agreement>;
