import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Plans each closed-won transition and each reopening once. Started after mapping, and every minute in case. */
export default defineJob({
  name: 'detect-closed-won',
  lane: 'interactive',
  payload: z.strictObject({}),
  retry: { attempts: 5, backoffMs: 1_000 },
  everySeconds: 60,
  run: (flows, _payload, context) => flows.detectClosedWon(context),
});
