import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Looks for what needs people: a person who is told a minute late has lost little. */
export default defineJob({
  name: 'watch-incidents',
  lane: 'schedule',
  payload: z.strictObject({}),
  retry: { attempts: 8, backoffMs: 5_000 },
  everySeconds: 60,
  run: (flows, _payload, context) => flows.watchIncidents(context),
});
