import * as z from 'zod';
import { defineJob } from '../src/sdk/define-job.ts';

/** Turns one landed page into facts. Started by each page that lands. */
export default defineJob({
  name: 'map',
  lane: 'bulk',
  payload: z.strictObject({
    runId: z.string().min(1),
    stream: z.string().min(1),
    pageNumber: z.int().min(0),
  }),
  retry: { attempts: 5, backoffMs: 1_000 },
  everySeconds: null,
  run: (flows, payload, context) => flows.mapPage(context, payload),
});
