import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/**
 * Computes positions and findings. Without an id, as the schedule starts it, the flow opens a reconciliation itself; with a
 * day or an instant it looks at that one instead of today as known now.
 */
export default defineJob({
  name: 'reconcile',
  lane: 'schedule',
  payload: z.strictObject({
    reconciliationId: z.string().min(1).nullable().default(null),
    asOf: z.iso.date().nullable().default(null),
    knownAt: z.iso.datetime({ offset: true }).nullable().default(null),
  }),
  retry: { attempts: 3, backoffMs: 10_000 },
  everySeconds: 86_400,
  run: (flows, payload, context) => flows.reconcile(context, payload),
});
