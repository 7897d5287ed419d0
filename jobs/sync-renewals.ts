import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Prepares the renewals whose lead time has come. Once a day: due dates are days. */
export default defineJob({
  name: 'sync-renewals',
  lane: 'schedule',
  payload: z.strictObject({}),
  retry: { attempts: 8, backoffMs: 5_000 },
  everySeconds: 86_400,
  run: (flows, _payload, context) => flows.syncRenewals(context),
});
