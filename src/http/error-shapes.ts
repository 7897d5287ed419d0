import * as z from 'zod';
import { Instant } from './fields.ts';

/** Money as the API writes it. */
export const MoneyShape = z.object({ amount: z.string(), currency: z.string() });

export const ErrorClass = z.enum(['intake', 'mapping', 'refused', 'conflict', 'unknown', 'work']);

export const QuarantineStatus = z.enum(['open', 'resolved', 'ignored']);

export const QuarantinedRecord = z
  .object({
    id: z.string(),
    stage: z.enum(['intake', 'mapping']),
    connection: z.string(),
    stream: z.string(),
    recordId: z.string(),
    runId: z.string(),
    code: z.string(),
    reason: z.string(),
    mappingId: z.string(),
    mappingVersion: z.number().int().nullable(),
    field: z.string().nullable(),
    status: QuarantineStatus,
    attempts: z.number().int(),
    openedAt: Instant,
    seenAt: Instant.meta({ description: 'When it failed last.' }),
    resolvedAt: Instant.nullable(),
    cause: z.string().meta({ description: 'The group of all that failed for the same cause.' }),
  })
  .meta({
    id: 'QuarantinedRecord',
    description: 'A record that waits for a person, with the reason.',
  });

export const Ignored = z.object({
  until: Instant,
  reason: z.string(),
  by: z.string(),
  at: Instant,
});

export const ErrorGroup = z
  .object({
    id: z.string(),
    class: ErrorClass,
    state: z.enum(['open', 'ignored']),
    system: z.string(),
    object: z.string(),
    code: z.string(),
    field: z.string().nullable(),
    mappingId: z.string().nullable(),
    message: z.string().meta({ description: 'What the newest of them says.' }),
    count: z.number().int(),
    records: z.number().int(),
    attempts: z.number().int(),
    money: z.array(MoneyShape).meta({ description: 'What cannot be done because of it.' }),
    owner: z.object({ id: z.string(), name: z.string() }).nullable(),
    ownedBy: z.enum(['named', 'steward']).nullable(),
    ignored: Ignored.nullable(),
    firstSeen: Instant,
    lastSeen: Instant,
    advice: z.string(),
  })
  .meta({ id: 'ErrorGroup', description: 'Everything that waits for the same cause.' });

export const ErrorMember = z.object({
  id: z.string(),
  record: z.string(),
  message: z.string(),
  attempts: z.number().int(),
  since: Instant,
  planId: z.string().nullable(),
});

export const Retried = z.object({
  records: z.number().int(),
  intents: z.number().int(),
  work: z.number().int(),
});

export const Decision = z.object({
  subject: z.string(),
  owner: z.string().nullable(),
  ignored: Ignored.nullable(),
});

export const IntentEdit = z
  .object({
    intentId: z.string(),
    fromIntent: z.string(),
    connection: z.string(),
    object: z.string(),
    field: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    reason: z.string(),
    by: z.string(),
    at: Instant,
    mappingId: z.string().nullable(),
    mappingVersion: z.number().int().nullable(),
  })
  .meta({
    id: 'IntentEdit',
    description: 'A field of a write that a person set by hand: a row of its mapping to look at.',
  });

const Reason = z.string().trim().min(1).max(1000);
const Until = z.iso.datetime({ offset: true });

export const IgnoreBody = z.strictObject({ reason: Reason, until: Until });
export const AssignBody = z.strictObject({ person: z.string().min(1).max(100).nullable() });
export const EditBody = z.strictObject({
  fields: z
    .record(z.string().min(1).max(200), z.json())
    .refine((fields) => Object.keys(fields).length > 0, 'names no field'),
  reason: Reason,
});

const Ids = z.array(z.string().min(1).max(400)).min(1).max(200);
export const BatchBody = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('retry'), ids: Ids }),
  z.strictObject({ do: z.literal('heed'), ids: Ids }),
  z.strictObject({ do: z.literal('ignore'), ids: Ids, ...IgnoreBody.shape }),
  z.strictObject({ do: z.literal('assign'), ids: Ids, ...AssignBody.shape }),
]);

export const BatchResult = z.object({
  id: z.string(),
  ok: z.boolean(),
  retried: Retried.nullable(),
  problem: z.object({ status: z.number(), code: z.string(), detail: z.string() }).nullable(),
});
