import * as z from 'zod';
import { ExternalRef, Percent } from './fields.ts';

/** How much a price rises at renewal: an index held between a floor and a cap (rule c.9). */
export const UpliftPolicy = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().optional(),
  index: z.enum(['cpi', 'fixed']),
  /** The published index series (CPI-U, HVPI); absent for a fixed uplift. */
  indexSeries: z.string().optional(),
  fixedPct: Percent.optional(),
  floorPct: Percent.optional(),
  capPct: Percent.optional(),
  compounding: z.boolean().default(true),
});
export type UpliftPolicy = z.infer<typeof UpliftPolicy>;
