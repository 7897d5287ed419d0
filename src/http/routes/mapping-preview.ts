import * as z from 'zod';
import { MappingEdit } from '../../app/flows/edit-draft.ts';
import { impactOfDraft } from '../../app/flows/impact-of-change.ts';
import { previewMapping } from '../../app/flows/preview-mapping.ts';
import { shadowMapping } from '../../app/flows/shadow-mapping.ts';
import { suggestRows } from '../../app/flows/suggest-rows.ts';
import { defineRoute } from '../define-route.ts';
import { Instant, Open, Slug } from '../fields.ts';
import { MappingParam } from '../mapping-shapes.ts';
import { Compared, Outcome, RowError, ShadowRun } from '../shadow-fields.ts';
import { describePushed } from '../scim/describe-pushed.ts';

const Tried = {
  text: z.string().min(1).max(1_000_000).optional().meta({
    description: 'The text in the editor; without it the saved draft, else what is in effect.',
  }),
  edits: z.array(MappingEdit).max(1_000).optional().meta({
    description: 'Changes on top of that text, which stay unsaved.',
  }),
  connection: Slug.optional().meta({
    description: 'Which of the connections that the mapping fits; the first without it.',
  }),
};

const Side = z.object({
  object: z.string(),
  asOf: Instant.nullable(),
  live: z.boolean().meta({ description: 'False where it is what the system said before.' }),
  note: z.string().nullable(),
});

const Kind = z.enum(['mapped', 'skipped', 'failed']);

const PreviewRecord = z.object({
  id: z.string(),
  why: z.array(z.string()),
  deleted: z.boolean(),
  source: Open,
  kind: Kind,
  outcome: Outcome,
  error: RowError.nullable(),
  liveKind: Kind.nullable(),
  liveError: RowError.nullable(),
  items: z.array(
    Compared.extend({
      fields: z.array(
        Compared.shape.fields.element.extend({
          path: z.string().nullable(),
          error: RowError.nullable(),
        }),
      ),
    }),
  ),
  presentKnown: z.boolean(),
});

const Suggestion = z.object({
  field: z.string(),
  path: z.string(),
  score: z.number(),
  reason: z.string(),
  row: Open,
  lookup: z
    .object({
      table: z.string(),
      entries: z.record(z.string(), z.string()),
      unmatched: z.array(z.string()),
    })
    .nullable(),
});

const Terms = z.object({ from: z.string().nullable(), to: z.string().nullable() });
const Right = Terms.extend({
  status: z.string(),
  quantity: z.string().nullable(),
  unitPrice: z.string().nullable(),
});
const Renewal = z.object({ on: z.string(), to: z.string(), notice: z.string(), total: z.string() });
const Sums = z.array(z.object({ amount: z.string(), currency: z.string() }));

function moves<Each extends z.ZodType>(each: Each) {
  return z.object({ total: z.number(), first: z.array(each) });
}

const Impact = z
  .object({
    connection: z.string(),
    object: z.string(),
    records: z.number(),
    complete: z.boolean(),
    counts: z.record(Outcome, z.number()),
    customers: moves(z.object({ ref: z.string(), name: z.string().nullable() })),
    documents: moves(
      z.object({
        noun: z.string(),
        ref: z.string(),
        number: z.string().nullable(),
        customer: z.string().nullable(),
        fields: z.array(z.object({ field: z.string(), before: z.json(), after: z.json() })),
      }),
    ),
    serviceDates: moves(
      z.object({ noun: z.string(), ref: z.string(), before: Terms, after: Terms }),
    ),
    entitlements: moves(
      z.object({
        ref: z.string(),
        owner: z.string(),
        sku: z.string(),
        before: Right.nullable(),
        after: Right.nullable(),
      }),
    ),
    renewals: moves(
      z.object({
        ref: z.string(),
        owner: z.string(),
        currency: z.string(),
        before: Renewal.nullable(),
        after: Renewal.nullable(),
      }),
    ).extend({ forecast: z.object({ before: Sums, after: Sums }) }),
    notes: z.array(z.string()),
  })
  .meta({ id: 'MappingImpact' });

export const routes = [
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings/{id}:suggest',
    summary: 'Proposes rows for target fields that have none, with a score and the reason.',
    permission: 'mappings:read',
    params: MappingParam,
    body: z.strictObject({ ...Tried, fields: z.array(z.string().max(200)).max(1000).optional() }),
    response: z.object({
      mapping: z.string(),
      connection: z.string(),
      suggestions: z.array(Suggestion),
      missing: z.array(z.string()),
      source: Side,
      target: Side,
    }),
    handle: ({ deps, caller, params, body }) =>
      suggestRows(deps, caller, { ...body, id: params.id, pushed: describePushed }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings/{id}:preview',
    summary:
      'One record or a sample under a draft, beside what is in effect and what the target holds.',
    permission: 'mappings:read',
    params: MappingParam,
    body: z.strictObject({
      ...Tried,
      record: z.string().min(1).max(400).optional().meta({
        description: 'A landed record by its id; of an outbound mapping, a document by its id.',
      }),
      sample: z
        .union([z.literal('edges'), z.number().int().min(1).max(200)])
        .default('edges')
        .meta({ description: 'Records picked for their edges, or the newest so many.' }),
    }),
    response: z.object({
      mapping: z.string(),
      connection: z.string(),
      object: z.string(),
      hash: z.string(),
      liveHash: z.string().nullable(),
      records: z.array(PreviewRecord),
      notes: z.array(z.string()),
    }),
    mostInFlight: 4,
    handle: ({ deps, caller, params, body }) =>
      previewMapping(deps, caller, { ...body, id: params.id }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings/{id}:shadow',
    summary:
      'The last landed records under a draft and under what is in effect; nothing is written.',
    permission: 'mappings:write',
    params: MappingParam,
    body: z.strictObject({
      ...Tried,
      records: z.number().int().min(1).max(100_000).default(10_000),
    }),
    response: ShadowRun,
    mostInFlight: 2,
    handle: async ({ deps, caller, params, body, reply }) => {
      const run = await shadowMapping(deps, caller, { ...body, id: params.id });
      reply.headers['location'] = `/api/v1/shadow-runs/${run.id}`;
      return run;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings/{id}:impact',
    summary:
      'The customers, documents, service dates, rights and renewals that a draft would move.',
    permission: 'mappings:read',
    params: MappingParam,
    body: z.strictObject(Tried),
    response: Impact,
    mostInFlight: 2,
    handle: ({ deps, caller, params, body }) =>
      impactOfDraft(deps, caller, { ...body, id: params.id }),
  }),
];
