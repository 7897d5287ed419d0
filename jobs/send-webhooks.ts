import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Sends the events that are due to a company's webhooks. Deliveries outlive its attempts. */
export default defineJob({
  name: 'send-webhooks',
  lane: 'schedule',
  payload: z.strictObject({}),
  retry: { attempts: 8, backoffMs: 1_000 },
  everySeconds: null,
  run: (flows, _payload, context) => flows.sendWebhooks(context),
});
