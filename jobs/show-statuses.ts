import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Shows at records of connected systems where their deals stand. Sales looks there within the hour, not the second. */
export default defineJob({
  name: 'show-statuses',
  lane: 'schedule',
  payload: z.strictObject({}),
  retry: { attempts: 8, backoffMs: 5_000 },
  everySeconds: 60,
  run: (flows, _payload, context) => flows.showStatuses(context),
});
