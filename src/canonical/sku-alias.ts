import * as z from 'zod';
import { ExternalRef, SkuCode, validity } from './fields.ts';

/** Another system's name for a SKU. */
export const SkuAlias = z.strictObject({
  externalRef: ExternalRef,
  externalSku: SkuCode,
  skuCode: SkuCode,
  ...validity,
});
export type SkuAlias = z.infer<typeof SkuAlias>;
