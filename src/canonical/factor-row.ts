import * as z from 'zod';
import { ExternalRef, Fraction, validity } from './fields.ts';

/** One factor of a table, by the key that the table uses (a processor model, an upper tier bound). */
export const FactorRow = z.strictObject({
  externalRef: ExternalRef,
  tableRef: ExternalRef,
  key: z.string().min(1),
  factor: Fraction,
  ...validity,
});
export type FactorRow = z.infer<typeof FactorRow>;
