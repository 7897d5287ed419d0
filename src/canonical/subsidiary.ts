import * as z from 'zod';
import { CountryCode, CurrencyCode, ExternalRef } from './fields.ts';

/** One of our own selling companies, as the ERP keeps it. */
export const Subsidiary = z.strictObject({
  externalRef: ExternalRef,
  name: z.string(),
  currency: CurrencyCode.optional(),
  countryCode: CountryCode.optional(),
  parentRef: ExternalRef.optional(),
});
export type Subsidiary = z.infer<typeof Subsidiary>;
