import * as z from 'zod';
import { CalendarDate, ExternalRef, QuantityText, SkuCode } from './fields.ts';

/**
 * An approved deviation with an end: what it names needs no right from `validFrom` up to the day before `validTo`, and is shown
 * (G-09). What a selector leaves out, it does not narrow.
 */
export const Exception = z.strictObject({
  externalRef: ExternalRef,
  kind: z.enum(['trial', 'pilot', 'dr_test', 'migration_overlap', 'dispute']),
  /** `own` for our own people, or the customer's CRM account. */
  ownerRef: z.string().optional(),
  skuCode: SkuCode.optional(),
  /**
   * Persons and machines as a position shows them, or logins, devices, hosts and virtual machines as `connection/reference`;
   * without a connection, those of its own. None: all of the position.
   */
  subjectRefs: z.array(ExternalRef).default([]),
  /** The most rights that it stands for. */
  quantityCap: QuantityText.optional(),
  rationale: z.string().min(1),
  /** Who asked for it, and is reminded before it ends. */
  requesterRef: z.string().optional(),
  approverRefs: z.array(z.string()).min(1),
  fallbackControl: z.string().optional(),
  status: z.enum(['requested', 'approved', 'refused', 'revoked']),
  validFrom: CalendarDate,
  validTo: CalendarDate,
});
export type Exception = z.infer<typeof Exception>;
