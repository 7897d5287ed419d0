import * as z from 'zod';
import { ExternalRef, SkuCode } from './fields.ts';

/** What a line of a deal, an order or an invoice names: a part number with its metric and rights per pack. */
export const Sku = z.strictObject({
  externalRef: ExternalRef,
  skuCode: SkuCode,
  name: z.string().min(1),
  publisherName: z.string().optional(),
  /** The code of the licence metric, such as `user_subscription`; absent for what is not licensed (services). */
  metricCode: z.string().optional(),
  /** The form of the product that it licenses: what use rights and suites speak of. */
  softwareModelRef: ExternalRef.optional(),
  rightsPerPack: z.number().int().positive().default(1),
  licenseType: z
    .enum([
      'perpetual',
      'perpetual_maintenance',
      'maintenance',
      'subscription',
      'step_up',
      'subscription_step_up',
      'add_on',
      'from_sa',
      'oem',
      'trial',
      'usage',
    ])
    .optional(),
  active: z.boolean().default(true),
});
export type Sku = z.infer<typeof Sku>;
