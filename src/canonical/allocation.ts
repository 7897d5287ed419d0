import * as z from 'zod';
import { ExternalRef, QuantityText, validity } from './fields.ts';

/** An explicit assignment of rights to one subject. A blocking one consumes its rights even when unused. */
export const Allocation = z.strictObject({
  externalRef: ExternalRef,
  entitlementRef: ExternalRef,
  subjectType: z.enum(['person', 'account', 'device']),
  subjectRef: ExternalRef,
  quantity: QuantityText.default('1'),
  blocking: z.boolean().default(true),
  ...validity,
});
export type Allocation = z.infer<typeof Allocation>;
