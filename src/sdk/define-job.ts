import type * as z from 'zod';
import type { Flows, JobContext } from './flows.ts';

/** The three lanes of the queue: what a person waits for, what is large, what the clock starts. */
export type Lane = 'interactive' | 'bulk' | 'schedule';

/**
 * A job: one file below `jobs/`, its file name is its name. A job carries ids, never facts, and is a chunk
 * (a page, up to 200 effects), never one record. It may run twice: the flow that it calls is idempotent.
 */
export interface JobDefinition<Payload = unknown> {
  readonly name: string;
  readonly lane: Lane;
  readonly payload: z.ZodType<Payload>;
  readonly retry: { readonly attempts: number; readonly backoffMs: number };
  /** A default schedule, made a row per tenant on first start; null for jobs that others start. */
  readonly everySeconds: number | null;
  run(flows: Flows, payload: Payload, context: JobContext): Promise<void>;
}

/** Declares a job. The registry checks the shape at start and names the file that does not fit. */
export function defineJob<Payload>(definition: JobDefinition<Payload>): JobDefinition<Payload> {
  return definition;
}
