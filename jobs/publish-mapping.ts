import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Puts one scheduled change of a mapping in effect. Asked for with the time at which it is due. */
export default defineJob({
  name: 'publish-mapping',
  lane: 'interactive',
  payload: z.strictObject({ changeId: z.string().min(1) }),
  retry: { attempts: 8, backoffMs: 1_000 },
  everySeconds: null,
  run: (flows, payload, context) => flows.publishMapping(context, payload),
});
