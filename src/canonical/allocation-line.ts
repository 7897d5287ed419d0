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
  /** Null for what is short. */
  coverageKind: z
    .enum([
      'exact',
      'suite',
      'downgrade',
      'upgrade',
      'secondary_use',
      'unlimited',
      'shared_pool',
      'grace',
      'true_up',
    ])
    .nullable(),
  unitCost: UnitPrice.optional(),
  explanation: z.array(z.string()),
  /** Rights that do not cover it, and why; only on what is short. */
  whyNot: z
    .array(
      z.strictObject({
        entitlementRef: ExternalRef,
        reason: z.enum([
          'not_effective',
          'wrong_region',
          'reserved_for_other',
          'exhausted',
          'metric_mismatch',
          'version_not_covered',
          'not_affiliate',
          'pinned_elsewhere',
        ]),
      }),
    )
    .default([]),
});
export type AllocationLine = z.infer<typeof AllocationLine>;
