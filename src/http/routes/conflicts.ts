import * as z from 'zod';
import { listConflicts, showConflict } from '../../app/flows/list-conflicts.ts';
import { resolveConflict, SYNC_RULES } from '../../app/flows/resolve-conflict.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Instant, Slug } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const State = z.enum(['open', 'resolved', 'vanished']);
const Rule = z.enum(SYNC_RULES);

const Conflict = z
  .object({
    id: z.string(),
    connection: z.string(),
    object: z.string(),
    externalId: z.string(),
    canonicalId: z.string(),
    vendorId: z.string().nullable(),
    intentId: z.string(),
    mappingId: z.string().nullable(),
    field: z.string(),
    rule: Rule,
    agreed: z.object({ ours: z.unknown(), theirs: z.unknown() }).nullable().meta({
      description: 'What both sides held when they last agreed; null where they never did.',
    }),
    ours: z.unknown(),
    theirs: z.unknown(),
    oursAt: Instant,
    theirsAt: Instant.nullable().meta({ description: 'Where the system says when it changed.' }),
    theirsBy: z.string().nullable(),
    state: State,
    openedAt: Instant,
    owner: z.string().nullable().meta({ description: 'The person who answers for its mapping.' }),
    dueAt: Instant.meta({ description: 'Until when it is to be decided.' }),
    taken: z.enum(['ours', 'theirs', 'value']).nullable(),
    value: z.unknown(),
    reason: z.string().nullable().meta({ description: 'Why it vanished by itself.' }),
    decidedBy: z.string().nullable(),
    decidedAt: Instant.nullable(),
  })
  .meta({ id: 'Conflict', description: 'A field that both sides changed since they last agreed.' });

/** What a person decides: whose value, and for what else. */
const also = {
  rule: Rule.optional().meta({ description: 'Becomes the rule of the row, as a draft edit.' }),
  alike: z.boolean().optional().meta({ description: 'The same for every open one of this field.' }),
};
const Resolution = z.discriminatedUnion('take', [
  z.strictObject({ take: z.literal('ours'), ...also }),
  z.strictObject({ take: z.literal('theirs'), ...also }),
  z.strictObject({ take: z.literal('value'), value: z.json(), ...also }),
]);

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/conflicts',
    summary: 'Fields that both sides changed since they last agreed, newest first.',
    permission: 'conflicts:read',
    query: PageQuery.extend({
      state: State.optional(),
      connection: Slug.optional(),
      object: FilterText.optional(),
      field: FilterText.optional(),
    }),
    response: pageOf(Conflict),
    handle: async ({ deps, caller, query: { cursor, limit, ...filter } }) =>
      toPage(
        await listConflicts(deps, caller, { ...filter, before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/conflicts/{id}',
    summary: 'One conflict: what was agreed, ours, theirs, and what was decided.',
    permission: 'conflicts:read',
    params: IdParam,
    etag: true,
    response: Conflict,
    handle: ({ deps, caller, params }) => showConflict(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/conflicts/{id}:resolve',
    summary: 'Takes ours, theirs or a typed value, and may make that the rule of the row.',
    permission: 'conflicts:resolve',
    params: IdParam,
    body: Resolution,
    response: z.object({
      conflict: Conflict,
      resolved: z.number().int(),
      draft: z.object({ mappingId: z.string(), revision: z.number().int() }).nullable(),
    }),
    handle: ({ deps, caller, params, body }) =>
      resolveConflict(deps, caller, { id: params.id, ...body }),
  }),
];
