import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Opens the cycles that follow signed ones, and tells of overdue tasks. Once an hour: both are about days. */
export default defineJob({
  name: 'tend-cycles',
  lane: 'schedule',
  payload: z.strictObject({}),
  retry: { attempts: 8, backoffMs: 5_000 },
  everySeconds: 3_600,
  run: (flows, _payload, context) => flows.tendCycles(context),
});
