import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, ExternalRef } from './fields.ts';

/** A deal in the CRM. A stage alone never creates rights. */
export const Opportunity = z.strictObject({
  externalRef: ExternalRef,
  name: z.string(),
  accountRef: ExternalRef.optional(),
  stageName: z.string(),
  isWon: z.boolean(),
  isClosed: z.boolean(),
  closeDate: CalendarDate,
  amount: Amount.optional(),
  currency: CurrencyCode.optional(),
  type: z.string().optional(),
  contractRef: ExternalRef.optional(),
  purchaseOrderNumber: z.string().optional(),
  /** Our external id, on opportunities that Trueup wrote (renewals). */
  effectExternalId: z.string().optional(),
});
export type Opportunity = z.infer<typeof Opportunity>;
