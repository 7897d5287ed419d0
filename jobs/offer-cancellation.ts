import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Draws up the plan that offers for cancellation what a rolled back mapping version made. */
export default defineJob({
  name: 'offer-cancellation',
  lane: 'interactive',
  payload: z.strictObject({ changeId: z.string().min(1) }),
  retry: { attempts: 12, backoffMs: 2_000 },
  everySeconds: null,
  run: (flows, payload, context) => flows.offerCancellation(context, payload),
});
