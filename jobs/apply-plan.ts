import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Applies one approved plan. A plan whose inputs moved is refused by the flow, not tried again. */
export default defineJob({
  name: 'apply-plan',
  lane: 'interactive',
  payload: z.strictObject({ planId: z.string().min(1) }),
  retry: { attempts: 5, backoffMs: 500 },
  everySeconds: null,
  run: (flows, payload, context) => flows.applyPlan(context, payload),
});
