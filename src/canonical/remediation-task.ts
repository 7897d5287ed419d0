import * as z from 'zod';
import { CalendarDate, Instant } from './fields.ts';

/** What somebody does about a finding. */
export const RemediationTask = z.strictObject({
  id: z.string(),
  findingRef: z.string(),
  action: z.enum(['reassign', 'reclaim', 'buy', 'amend', 'accept']),
  owner: z.string(),
  dueAt: CalendarDate,
  closedAt: Instant.optional(),
  note: z.string().optional(),
});
export type RemediationTask = z.infer<typeof RemediationTask>;
