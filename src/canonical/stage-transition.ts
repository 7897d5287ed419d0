import * as z from 'zod';
import { ExternalRef, Instant } from './fields.ts';

/** A row of a deal's stage history: from this instant the deal was in this stage. */
export const StageTransition = z.strictObject({
  externalRef: ExternalRef,
  opportunityRef: ExternalRef,
  stageName: z.string(),
  changedAt: Instant,
});
export type StageTransition = z.infer<typeof StageTransition>;
