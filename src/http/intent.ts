import * as z from 'zod';
import { Instant, Open } from './fields.ts';

/** The states of an intent, as the API names them. */
export const IntentState = z.enum([
  'PLANNED',
  'LEASED',
  'SENT',
  'APPLIED',
  'UNKNOWN',
  'CONFLICT',
  'QUARANTINED',
  'SUPERSEDED',
]);

/** One revision of an effect in another system. */
export const Intent = z
  .object({
    id: z.string(),
    connection: z.string(),
    object: z.string(),
    externalId: z.string(),
    revision: z.number().int(),
    canonicalId: z.string(),
    vendorId: z.string().nullable(),
    payload: Open,
    planId: z.string().nullable(),
    mapping: z.object({ id: z.string(), version: z.number().int() }).nullable(),
    state: IntentState,
    attempts: z.number().int(),
    readBack: z
      .boolean()
      .meta({ description: 'The other system was asked and shows exactly this.' }),
    result: Open.nullable(),
    error: Open.nullable(),
    decided: z
      .array(
        z.object({
          field: z.string(),
          did: z.enum(['wrote', 'kept', 'waits']),
          why: z.string(),
          theirs: z.unknown(),
        }),
      )
      .meta({
        description: 'Fields where the other side held another value, and what became of it.',
      }),
    createdAt: Instant,
    sentAt: Instant.nullable(),
    settledAt: Instant.nullable(),
  })
  .meta({ id: 'Intent' });
