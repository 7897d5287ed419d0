import * as z from 'zod';
import { ExternalRef, QuantityText, validity } from './fields.ts';

/** Rights passed on to another party; they are reserved on the parent and end with it. */
export const Sublicense = z.strictObject({
  externalRef: ExternalRef,
  parentEntitlementRef: ExternalRef,
  granteeRef: ExternalRef,
  quantity: QuantityText,
  revocable: z.boolean().default(true),
  /** 1 for a sublicence of the original grant, 2 for one of a sublicence, and so on. */
  depth: z.number().int().positive().default(1),
  ...validity,
});
export type Sublicense = z.infer<typeof Sublicense>;
