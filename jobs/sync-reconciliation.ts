import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Plans the summary that the CRM shows on each account. Started when a reconciliation ends. */
export default defineJob({
  name: 'sync-reconciliation',
  lane: 'bulk',
  payload: z.strictObject({}),
  retry: { attempts: 5, backoffMs: 2_000 },
  everySeconds: null,
  run: (flows, _payload, context) => flows.syncReconciliation(context),
});
