import * as z from 'zod';
import { Instant, Open } from './fields.ts';

/** The path parameter of a mapping. */
export const MappingParam = z.strictObject({ id: z.string().min(1).max(120) });

/** A mapping as it is handed in: its text, or the document that the text stands for. */
export const MappingInput = z.union([
  z.strictObject({ text: z.string().min(1).max(300_000) }),
  z.strictObject({ document: Open }),
]);

/** A new mapping with the rows of one that is in effect. */
export const TemplateInput = z.strictObject({
  template: z.string().min(1).max(120).meta({ description: 'A mapping that is in effect.' }),
  id: z.string().min(1).max(120),
  title: z.string().min(1).max(200).optional(),
  connection: z.string().min(1).max(120).optional().meta({
    description: 'The connection or the connector that it is about; the template’s without it.',
  }),
  object: z.string().min(1).max(200).optional().meta({
    description: 'The object of that system; the template’s without it.',
  }),
});

export const MappingProblem = z
  .object({
    row: z.string().nullable(),
    pointer: z.string(),
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    line: z.number().int().nullable(),
  })
  .meta({ id: 'MappingProblem', description: 'One thing that is wrong with a mapping.' });

export const MappingDifference = z
  .object({
    kind: z.string(),
    row: z.string().nullable(),
    pointer: z.string(),
    text: z.string().meta({ description: 'One sentence for people.' }),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'MappingDifference', description: 'What two contents of a mapping differ in.' });

export const MappingDraft = z
  .object({
    mappingId: z.string(),
    revision: z.number().int(),
    state: z.enum(['open', 'submitted']),
    baseVersion: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'The version in effect that it was written over.' }),
    editors: z.array(z.string()),
    updatedBy: z.string(),
    updatedAt: Instant,
    hash: z.string(),
    text: z.string(),
    document: Open,
  })
  .meta({ id: 'MappingDraft' });

export const MappingVersion = z
  .object({
    mappingId: z.string(),
    version: z.number().int(),
    origin: z.enum(['shipped', 'published']),
    hash: z.string(),
    inEffect: z.boolean(),
    publishedAt: Instant.nullable(),
    publishedBy: z.string().nullable(),
    retiredAt: Instant.nullable(),
    note: z.string(),
    changeId: z.string().nullable(),
    rolledBackTo: z.number().int().nullable(),
  })
  .meta({ id: 'MappingVersion' });

export const MappingView = z
  .object({
    id: z.string(),
    title: z.string(),
    direction: z.enum(['inbound', 'outbound']),
    source: Open,
    target: Open,
    live: z
      .object({
        version: z.number().int(),
        origin: z.enum(['shipped', 'published']),
        hash: z.string(),
        publishedAt: Instant.nullable(),
        publishedBy: z.string().nullable(),
      })
      .nullable(),
    draft: z
      .object({
        revision: z.number().int(),
        state: z.enum(['open', 'submitted']),
        updatedBy: z.string(),
        updatedAt: Instant,
        baseVersion: z.number().int().nullable(),
      })
      .nullable(),
    shippedVersion: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'What this release ships, where another content is in effect.' }),
    state: z.enum(['ok', 'degraded', 'paused']),
    degraded: z.array(
      z.object({
        connection: z.string(),
        field: z.string(),
        rows: z.array(z.string()),
        reason: z.string(),
        since: Instant,
      }),
    ),
    coverage: z
      .object({
        required: z.number().int(),
        mapped: z.number().int(),
        missing: z.array(z.string()),
      })
      .nullable()
      .meta({
        description:
          'Target fields that a new record cannot do without, and how many of them have a row; null while no connection has described the object.',
      }),
    errors: z
      .object({
        waiting: z.number().int().meta({ description: 'Records and writes that wait now.' }),
        last7Days: z.number().int().meta({
          description:
            'Records and writes that failed in the last 7 days; a record that was mended since counts too.',
        }),
      })
      .meta({ description: 'What failed because of the mapping.' }),
    steward: z.string().nullable(),
    owner: z.object({ id: z.string(), name: z.string() }).nullable().meta({
      description: 'Who answers for it and its fields, and is here; null: it is unowned.',
    }),
    reviewDue: z.string().nullable(),
  })
  .meta({ id: 'Mapping' });

export const RowVersion = MappingVersion.omit({ mappingId: true, hash: true, retiredAt: true })
  .extend({ differences: z.array(MappingDifference) })
  .meta({ id: 'RowVersion', description: 'A version that changed a row, and how.' });

export const ChangeState = z.enum([
  'waiting',
  'approved',
  'returned',
  'declined',
  'withdrawn',
  'scheduled',
  'published',
]);

export const ChangeComment = z.object({
  id: z.string(),
  person: z.string(),
  body: z.string(),
  at: Instant,
});

export const MappingChange = z
  .object({
    id: z.string(),
    mappingId: z.string(),
    kind: z.enum(['publish', 'rollback']),
    draftRevision: z.number().int().nullable(),
    baseVersion: z.number().int().nullable(),
    hash: z.string().meta({ description: 'Covers the whole content; an approval binds to it.' }),
    editors: z.array(z.string()),
    submittedBy: z.string(),
    submittedAt: Instant,
    note: z.string(),
    rolledBackTo: z.number().int().nullable(),
    restore: z.boolean(),
    overwrite: z.boolean(),
    replay: z.boolean(),
    state: ChangeState,
    decidedBy: z.string().nullable(),
    decidedAt: Instant.nullable(),
    reason: z.string().nullable(),
    publishAt: Instant.nullable(),
    publishedVersion: z.number().int().nullable(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
    impact: Open.nullable(),
    outcome: z
      .object({
        undone: z.array(z.number().int()),
        restored: z.number().int(),
        created: z.number().int(),
        unknown: z.number().int(),
      })
      .nullable(),
  })
  .meta({ id: 'MappingChange', description: 'A request to put a content in effect.' });
