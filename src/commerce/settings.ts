import * as z from 'zod';
import { Amount, CurrencyCode } from '../canonical/fields.ts';

/** What a company decides about its deals and renewals. Kept as the company's setting `commerce`. */
export const CommerceSettings = z.strictObject({
  /** The CRM and ERP connections that deals go between; needed only when there are several. */
  crm: z.string().optional(),
  erp: z.string().optional(),
  approval: z
    .strictObject({
      /** Plans up to these amounts need no person; without an entry for its currency a plan waits for one. */
      autoApproveUpTo: z
        .array(z.strictObject({ amount: Amount, currency: CurrencyCode }))
        .default([]),
    })
    .default({ autoApproveUpTo: [] }),
  /** Where people reach this hub with their browsers; records in other systems link to it. */
  address: z
    .url({ protocol: /^https?$/ })
    .max(200)
    .optional(),
  /** Days before the end of a term at which its renewal is opened. */
  renewalLeadDays: z.number().int().min(0).max(730).default(90),
  /** Notice days where no agreement says otherwise. */
  noticeDays: z.number().int().min(0).max(730).default(60),
  /** Days after which a won deal that is first planned is late: no policy approves it (fault case 45). */
  lateAfterDays: z.number().int().min(1).max(730).default(30),
  /** Term of a line that names no end, in months. */
  defaultTermMonths: z.number().int().min(1).max(120).default(12),
});
export type CommerceSettings = z.infer<typeof CommerceSettings>;
