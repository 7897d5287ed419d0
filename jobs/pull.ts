import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Reads one stream of a run into intake; from a connection's own schedule, opens the run first. */
export default defineJob({
  name: 'pull',
  lane: 'bulk',
  payload: z.union([
    z.strictObject({ runId: z.string().min(1), stream: z.string().min(1) }),
    z.strictObject({ connection: z.string().min(1), proof: z.boolean().optional() }),
  ]),
  retry: { attempts: 6, backoffMs: 2_000 },
  everySeconds: null,
  run: (flows, payload, context) =>
    'connection' in payload
      ? flows.startScheduledPull(context, payload)
      : flows.pullStream(context, payload),
});
