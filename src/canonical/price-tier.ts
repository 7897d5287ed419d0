import * as z from 'zod';
import { Amount, ExternalRef, QuantityText, UnitPrice } from './fields.ts';

/** One tier of a price schedule; the last one has no upper bound. */
export const PriceTier = z.strictObject({
  externalRef: ExternalRef,
  scheduleRef: ExternalRef,
  tierNumber: z.number().int().positive(),
  upTo: QuantityText.optional(),
  unitAmount: UnitPrice.optional(),
  flatAmount: Amount.optional(),
  packageSize: QuantityText.optional(),
  cap: Amount.optional(),
});
export type PriceTier = z.infer<typeof PriceTier>;
