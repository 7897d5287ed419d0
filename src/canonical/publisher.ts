import * as z from 'zod';
import { CountryCode, ExternalRef } from './fields.ts';

/** Who makes a product and grants rights in it. */
export const Publisher = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  countryCode: CountryCode.optional(),
});
export type Publisher = z.infer<typeof Publisher>;
