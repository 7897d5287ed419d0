import * as z from 'zod';
import { Instant } from './fields.ts';

/** What putting a draft in effect would do to a record. */
export const Outcome = z.enum([
  'create',
  'update',
  'remove',
  'unchanged',
  'conflict',
  'blocked',
  'skipped',
]);

/** Why a record does not map. Holds no value of it. */
export const RowError = z.object({
  code: z.string(),
  message: z.string(),
  row: z.string().nullable(),
  path: z.string().nullable(),
});

/** One fact or vendor record under a draft, under what is in effect, and as it stands. */
export const Compared = z.object({
  noun: z.string(),
  ref: z.string(),
  change: z.enum(['create', 'update', 'remove', 'same', 'unknown']),
  fields: z.array(
    z.object({
      field: z.string(),
      draft: z.json(),
      live: z.json(),
      present: z.json(),
      differs: z.boolean(),
      changes: z.boolean(),
    }),
  ),
});

/** A shadow run with its totals. */
export const ShadowRun = z
  .object({
    id: z.string(),
    mappingId: z.string(),
    connection: z.string(),
    object: z.string(),
    draftHash: z.string(),
    liveHash: z.string().nullable(),
    requestedBy: z.string(),
    state: z.enum(['running', 'done', 'cancelled', 'failed']),
    wanted: z.number(),
    lookedAt: z.number(),
    counts: z.partialRecord(Outcome, z.number()),
    fields: z.record(z.string(), z.number()),
    differing: z.number(),
    message: z.string().nullable(),
    startedAt: Instant,
    endedAt: Instant.nullable(),
  })
  .meta({ id: 'ShadowRun' });

/** A record that differs in a shadow run. */
export const ShadowDifference = z.object({
  position: z.number(),
  recordId: z.string(),
  outcome: Outcome,
  error: RowError.nullable(),
  items: z.array(Compared),
});
