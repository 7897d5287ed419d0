import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Sends and settles the open intents of one object of one connection. Intents outlive its attempts. */
export default defineJob({
  name: 'deliver',
  lane: 'interactive',
  payload: z.strictObject({ connection: z.string().min(1), object: z.string().min(1) }),
  retry: { attempts: 8, backoffMs: 1_000 },
  everySeconds: null,
  run: (flows, payload, context) => flows.deliver(context, payload),
});
