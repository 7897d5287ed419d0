import * as z from 'zod';
import { CalendarDate, ExternalRef, QuantityText, SkuCode } from './fields.ts';

/** An approved deviation with an end. After `validTo` it excludes nothing. */
export const Exception = z.strictObject({
  externalRef: ExternalRef,
  kind: z.enum(['trial', 'pilot', 'dr_test', 'migration_overlap', 'dispute']),
  ownerRef: z.string().optional(),
  skuCode: SkuCode.optional(),
  subjectRefs: z.array(ExternalRef).default([]),
  quantityCap: QuantityText.optional(),
  rationale: z.string().min(1),
  approverRefs: z.array(z.string()).min(1),
  fallbackControl: z.string().optional(),
  status: z.enum(['requested', 'approved', 'refused', 'revoked']),
  validFrom: CalendarDate,
  validTo: CalendarDate,
});
export type Exception = z.infer<typeof Exception>;
