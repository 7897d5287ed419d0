import * as z from 'zod';
import { M2mClient } from './auth.ts';
import { MAX_ROWS } from './query.ts';
import { TbaClient } from './tba.ts';

/** The installation: what an account's set-up pages hold. Settings of the company as a whole are let through. */
export const Settings = z.object({
  accountId: z.string().default('1234567_SB1'),
  timeZone: z.string().default('America/Los_Angeles'),
  dateFormat: z.enum(['M/D/YYYY', 'D/M/YYYY', 'YYYY-MM-DD']).default('M/D/YYYY'),
  packages: z.array(z.string()).default([]),
  m2m: z.array(M2mClient).default([]),
  tba: z.array(TbaClient).default([]),
  /** Objects and tables that the integration's role may not see. */
  denied: z.array(z.string()).default([]),
  /** Calls that the account takes at once, and how long each takes at the least. */
  concurrency: z.int().positive().default(5),
  latencyMs: z.int().nonnegative().default(0),
  /** Rows that one query reaches by offsets at all. */
  maxRows: z.int().positive().default(MAX_ROWS),
});
export type Settings = z.infer<typeof Settings>;

/** How the account's settings spell a date. */
export function spellDate(format: Settings['dateFormat']): (date: string) => string {
  if (format === 'YYYY-MM-DD') return (date) => date;
  return (date) => {
    const [year, month, day] = date.split('-').map(Number);
    return format === 'M/D/YYYY' ? `${month}/${day}/${year}` : `${day}/${month}/${year}`;
  };
}
