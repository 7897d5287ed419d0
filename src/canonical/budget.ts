import * as z from 'zod';
import { Amount, CurrencyCode, ExternalRef, validity } from './fields.ts';

/** Money set aside for a department, a project or a publisher in one period. */
export const Budget = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  scope: z.enum(['department', 'project', 'publisher', 'organization']),
  scopeRef: ExternalRef,
  amount: Amount,
  currency: CurrencyCode,
  committed: Amount.optional(),
  ...validity,
});
export type Budget = z.infer<typeof Budget>;
