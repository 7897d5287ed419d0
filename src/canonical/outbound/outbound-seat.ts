import * as z from 'zod';
import { ExternalRef, SkuCode } from '../fields.ts';

/** How one seat that a vendor gives to one of our people shall be. */
export const OutboundSeat = z.strictObject({
  /** The login that holds it or shall hold it: its id at the vendor, and its name there. */
  userRef: ExternalRef,
  userName: z.string().min(1),
  /** The product as the vendor spells it. */
  skuCode: SkuCode,
  assigned: z.boolean(),
  /** False: the seat stays with its holder and gives nothing. */
  enabled: z.boolean(),
});
export type OutboundSeat = z.infer<typeof OutboundSeat>;
