import * as z from 'zod';
import { ExternalRef, QuantityText, validity } from './fields.ts';

/**
 * An explicit assignment of rights to one subject, or to each person of a group and of the groups inside it, a person once
 * (G-08). A blocking one consumes its rights even when unused.
 */
export const Allocation = z.strictObject({
  externalRef: ExternalRef,
  entitlementRef: ExternalRef,
  subjectType: z.enum(['person', 'account', 'device', 'group']),
  subjectRef: ExternalRef,
  /** Rights for the subject; for a group, for each of its persons. */
  quantity: QuantityText.default('1'),
  blocking: z.boolean().default(true),
  ...validity,
});
export type Allocation = z.infer<typeof Allocation>;
