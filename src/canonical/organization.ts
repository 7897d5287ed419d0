import * as z from 'zod';
import { CountryCode, CurrencyCode, ExternalRef, Instant } from './fields.ts';

/** A company or a part of one: a customer account of the CRM or the ERP, a vendor, or one of our own subsidiaries. */
export const Organization = z.strictObject({
  externalRef: ExternalRef,
  legalName: z.string().min(1),
  kind: z.enum(['customer', 'vendor', 'reseller', 'internal']),
  /** The id that another system knows the same company by, such as the CRM account id on an ERP customer. */
  foreignRef: z.string().optional(),
  countryCode: CountryCode.optional(),
  currency: CurrencyCode.optional(),
  /** The ERP subsidiary that sells to this customer. */
  subsidiaryRef: ExternalRef.optional(),
  vatNumber: z.string().optional(),
  vatStatus: z.enum(['valid', 'invalid', 'unchecked']).optional(),
  /** When `vatStatus` was last asked of the authority. */
  vatCheckedAt: Instant.optional(),
  /** Where this company's data must stay, such as "eu". */
  dataResidencyRegion: z.string().optional(),
  fiscalCalendarRef: ExternalRef.optional(),
});
export type Organization = z.infer<typeof Organization>;
