import * as z from 'zod';
import { ExternalRef, QuantityText, validity } from './fields.ts';

/** An immutable change of rights. `rightsOwned(asOf)` is the sum of the deltas in force (rule c.2). */
export const EntitlementTransaction = z.strictObject({
  externalRef: ExternalRef,
  entitlementRef: ExternalRef,
  type: z.enum([
    'grant',
    'add_on',
    'renewal',
    'true_up',
    'true_down',
    'transfer_in',
    'transfer_out',
    'conversion',
    'termination',
    'correction',
  ]),
  quantityDelta: QuantityText,
  orderLineRef: ExternalRef.optional(),
  reason: z.string(),
  /** The transaction that this one reverses. */
  reversesRef: ExternalRef.optional(),
  ...validity,
});
export type EntitlementTransaction = z.infer<typeof EntitlementTransaction>;
