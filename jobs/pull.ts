import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Reads one stream of a run into intake. Started by `pull` or by a connection's own schedule. */
export default defineJob({
  name: 'pull',
  lane: 'bulk',
  payload: z.strictObject({ runId: z.string().min(1), stream: z.string().min(1) }),
  retry: { attempts: 6, backoffMs: 2_000 },
  everySeconds: null,
  run: (flows, payload, context) => flows.pullStream(context, payload),
});
