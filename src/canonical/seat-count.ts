import * as z from 'zod';
import { CalendarDate, ExternalRef, Instant, QuantityText, SkuCode } from './fields.ts';

/**
 * What a vendor or a licence server says of one product as a whole: seats provided, in grace, suspended, assigned.
 * It is somebody's word: what was bought, the contract says. Where no contract is known, what the publisher itself provides
 * stands for it (G-06); what an observer such as an inventory or a licence server notes never does. A figure that nobody
 * gives is absent, never zero: a billed count without a cap has no `provided` (G-07).
 */
export const SeatCount = z.strictObject({
  externalRef: ExternalRef,
  posture: z.enum(['licensor', 'licensee']),
  skuCode: SkuCode,
  /** Seats of persons; `company` is bought once for all and counts no person. */
  subject: z.enum(['person', 'company']).default('person'),
  /** Whose word it is: the publisher's, who provides the seats, or somebody's who watches; absent where nobody says. */
  authority: z.enum(['publisher', 'observer']).optional(),
  /** Seats that may be used. */
  provided: QuantityText.optional(),
  /** Seats that ran out and still work for a while (Microsoft Graph: `warning`; G-06). */
  inGrace: QuantityText.optional(),
  /** Seats that are there and may not be used. */
  suspended: QuantityText.optional(),
  assigned: QuantityText.optional(),
  /** Assigned seats that were used of late, as the vendor judges. */
  active: QuantityText.optional(),
  status: z.string().optional(),
  expiresOn: CalendarDate.optional(),
  /** When the vendor said so; absent where it means "now". */
  observedAt: Instant.optional(),
});
export type SeatCount = z.infer<typeof SeatCount>;
