import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Starts and reverses rights as the orders of the ERP say, and plans what the CRM shows of them. */
export default defineJob({
  name: 'sync-entitlements',
  lane: 'bulk',
  payload: z.strictObject({}),
  retry: { attempts: 5, backoffMs: 2_000 },
  everySeconds: 300,
  run: (flows, _payload, context) => flows.syncEntitlements(context),
});
