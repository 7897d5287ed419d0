import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Computes positions and findings. Without an id, as the schedule starts it, the flow opens a reconciliation itself. */
export default defineJob({
  name: 'reconcile',
  lane: 'schedule',
  payload: z.strictObject({ reconciliationId: z.string().min(1).nullable().default(null) }),
  retry: { attempts: 3, backoffMs: 10_000 },
  everySeconds: 86_400,
  run: (flows, payload, context) => flows.reconcile(context, payload),
});
