import * as z from 'zod';
import { CalendarDate, ExternalRef, QuantityText, SkuCode, UnitPrice } from '../fields.ts';

/** What the CRM shows of one entitlement: an asset of the customer. */
export const OutboundAsset = z.strictObject({
  entitlementId: z.string().min(1),
  name: z.string().min(1),
  /** The CRM's id of the account that owns the rights. */
  accountRef: ExternalRef,
  skuCode: SkuCode,
  /** The CRM's id of the product; the CRM knows products by id only. */
  productRef: ExternalRef,
  quantity: QuantityText,
  status: z.enum(['draft', 'active', 'reversed']),
  termStart: CalendarDate,
  /** The last day of the term; absent for an open end. */
  termEndInclusive: CalendarDate.optional(),
  unitPrice: UnitPrice,
});
export type OutboundAsset = z.infer<typeof OutboundAsset>;
