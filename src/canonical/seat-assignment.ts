import * as z from 'zod';
import { ExternalRef, SkuCode, validity } from './fields.ts';

/**
 * A seat of a product given to a login. In the licensee posture the login is one of our own people; in the
 * licensor posture it is a named user at a customer, and `customerRef` says which.
 */
export const SeatAssignment = z.strictObject({
  externalRef: ExternalRef,
  posture: z.enum(['licensor', 'licensee']),
  skuCode: SkuCode,
  /** The login's id in the directory, or the user key that the product reports. */
  userAccountRef: ExternalRef,
  /** The CRM account of the customer whose user this is (licensor posture). */
  customerRef: z.string().optional(),
  active: z.boolean().default(true),
  ...validity,
});
export type SeatAssignment = z.infer<typeof SeatAssignment>;
