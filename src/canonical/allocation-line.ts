import * as z from 'zod';
import { ExternalRef, Fraction, QuantityText, UnitPrice } from './fields.ts';

/** Rights of one entitlement that cover one demand line; without an entitlement it is shortfall. */
export const AllocationLine = z.strictObject({
  id: z.string(),
  runRef: z.string(),
  demandLineRef: z.string(),
  entitlementRef: ExternalRef.nullable(),
  poolRef: z.string().optional(),
  quantity: QuantityText,
  rightsConsumed: QuantityText,
  ratio: Fraction.default('1'),
  phase: z.number().int().min(0).max(7),
  coverageKind: z.enum([
    'exact',
    'suite',
    'downgrade',
    'secondary_use',
    'unlimited',
    'shared_pool',
    'grace',
    'true_up',
  ]),
  unitCost: UnitPrice.optional(),
  explanation: z.array(z.string()),
});
export type AllocationLine = z.infer<typeof AllocationLine>;
