import * as z from 'zod';
import { Instant, Sha256 } from './fields.ts';

/** A person's signature under the statement of a cycle. */
export const SignOff = z.strictObject({
  id: z.string(),
  cycleRef: z.string(),
  role: z.string(),
  personRef: z.string(),
  signedAt: Instant,
  statementHash: Sha256,
});
export type SignOff = z.infer<typeof SignOff>;
