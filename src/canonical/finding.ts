import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, SkuCode } from './fields.ts';

export const FindingSeverity = z.enum(['low', 'medium', 'high', 'critical']);
export type FindingSeverity = z.infer<typeof FindingSeverity>;

/** Something that does not agree, with its evidence. The id stays the same as long as the thing does. */
export const Finding = z.strictObject({
  id: z.string(),
  kind: z.string().min(1),
  severity: FindingSeverity,
  /** The type of record and its id in the system that holds it. */
  subject: z.strictObject({ type: z.string(), id: z.string() }),
  sku: SkuCode.nullable(),
  amount: Amount.nullable(),
  currency: CurrencyCode.nullable(),
  /** Ids of the facts that prove it. */
  evidence: z.array(z.string()).min(1),
  owner: z.string().nullable(),
  dueAt: CalendarDate,
  status: z.enum(['open', 'in_progress', 'accepted', 'resolved']),
  /** What was found and what to do, in one or two sentences. */
  summary: z.string(),
});
export type Finding = z.infer<typeof Finding>;
