import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Counts use from the events that came. Every minute: who sends events never waits for it. */
export default defineJob({
  name: 'derive-usage',
  lane: 'bulk',
  payload: z.strictObject({}),
  retry: { attempts: 5, backoffMs: 2_000 },
  everySeconds: 60,
  run: (flows, _payload, context) => flows.deriveUsage(context),
});
