import * as z from 'zod';
import { Amount, CurrencyCode, QuantityText, SkuCode, UnitPrice } from './fields.ts';

export const PositionStatus = z.enum([
  'compliant',
  'in_grace',
  'exception_covered',
  'true_up_due',
  'non_compliant',
  'indeterminate',
]);

/**
 * The effective licence position of one pool on one day. `rightsOwned` and `notAllocated` are null when nobody knows
 * what is owned: an owned number is never inferred from use (G-07). `surplus`, `shortfall` and the money are null
 * while the status is `indeterminate`.
 */
export const PositionLine = z.strictObject({
  /** The same for the same pool in every run. */
  id: z.string(),
  posture: z.enum(['licensor', 'licensee']),
  /** The CRM account whose rights these are, or `own` for rights that we hold ourselves. */
  ownerRef: z.string(),
  ownerName: z.string().nullable(),
  skuCode: SkuCode,
  skuName: z.string().nullable(),
  metricCode: z.string().nullable(),
  metricVersion: z.number().int().positive().nullable(),
  unlimited: z.boolean(),
  rightsOwned: QuantityText.nullable(),
  graceRights: QuantityText,
  rightsRequired: QuantityText,
  /** What would be required without any exception; null where a run of before did not say. */
  grossRequired: QuantityText.nullable().default(null),
  /** What approved exceptions take from it. */
  exceptionCovered: QuantityText.default('0'),
  rightsReserved: QuantityText,
  rightsInUse: QuantityText,
  allocatedInUse: QuantityText,
  allocatedNotInUse: QuantityText,
  notAllocatedInUse: QuantityText,
  notAllocated: QuantityText.nullable(),
  nontransferable: QuantityText,
  surplus: QuantityText.nullable(),
  shortfall: QuantityText.nullable(),
  excludedQuantity: QuantityText,
  graceCovered: QuantityText,
  /** Demand that rights of other pools cover, and rights that cover the demand of others (use rights, suites, affiliates). */
  coveredByOthers: QuantityText.default('0'),
  lentToOthers: QuantityText.default('0'),
  /** Devices that another licensed device of their user covers. */
  coveredBySecondaryUse: QuantityText.default('0'),
  /** What is short once the grace is over. */
  atRiskOnLapse: QuantityText.default('0'),
  unlimitedCovered: QuantityText,
  status: PositionStatus,
  currency: CurrencyCode.nullable(),
  trueUpUnitPrice: UnitPrice.nullable(),
  trueUpPriceBasis: z.enum(['contract', 'override', 'weighted_average', 'list']).nullable(),
  trueUpCost: Amount.nullable(),
  overLicensedAmount: Amount.nullable(),
  confidence: z.enum(['high', 'medium', 'low']),
  warnings: z.array(z.string()),
});
export type PositionLine = z.infer<typeof PositionLine>;
