import * as z from 'zod';
import { ExternalRef, QuantityText } from './fields.ts';

/** Who may draw on an entitlement or a pool, and how much of it is set aside for them. */
export const ConsumptionRule = z.strictObject({
  externalRef: ExternalRef,
  entitlementRef: ExternalRef.optional(),
  poolRef: ExternalRef.optional(),
  dimension: z.enum(['org', 'department', 'cost_center', 'region', 'country']),
  value: z.string().min(1),
  includeChildren: z.boolean().default(false),
  reservedQuantity: QuantityText.optional(),
  /** True if others may use what is not reserved. */
  unrestrictedRemainder: z.boolean().default(false),
});
export type ConsumptionRule = z.infer<typeof ConsumptionRule>;
