import * as z from 'zod';
import { commentOnChange } from '../../app/flows/comment-on-change.ts';
import {
  approveChange,
  declineChange,
  returnChange,
  withdrawChange,
} from '../../app/flows/decide-change.ts';
import { listChanges } from '../../app/flows/list-changes.ts';
import { listCreatedRecords } from '../../app/flows/list-created-records.ts';
import { listRestoredRecords } from '../../app/flows/list-restored-records.ts';
import { publishChange } from '../../app/flows/publish-change.ts';
import { showChange } from '../../app/flows/show-change.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Instant, Open } from '../fields.ts';
import { ChangeComment, ChangeState, MappingChange, MappingDifference } from '../mapping-shapes.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Words = z.string().min(1).max(4_000);

const reading = [
  defineRoute({
    method: 'get',
    path: '/api/v1/change-requests',
    summary: 'Requests to put mappings in effect, newest first.',
    permission: 'mappings:read',
    query: PageQuery.extend({ state: ChangeState.optional(), mapping: FilterText.optional() }),
    response: pageOf(MappingChange),
    handle: async ({ deps, caller, query: { cursor, limit, state, mapping } }) =>
      toPage(
        await listChanges(deps, caller, {
          state,
          mappingId: mapping,
          before: cursor,
          limit: limit + 1,
        }),
        limit,
        (change) => change.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/change-requests/{id}',
    summary: 'One request with its content, what it changes, its checks and what people said.',
    permission: 'mappings:read',
    params: IdParam,
    etag: true,
    response: MappingChange.extend({
      text: z.string(),
      document: Open,
      comments: z.array(ChangeComment),
      differences: z.array(MappingDifference),
      restored: z
        .object({
          records: z.number().int(),
          settled: z.number().int(),
          changedSince: z.number().int().meta({
            description: 'Records of which a field was left alone, as somebody changed it since.',
          }),
        })
        .nullable(),
      cancellation: z
        .object({ id: z.string(), hash: z.string(), status: z.string() })
        .nullable()
        .meta({ description: 'The plan that offers for cancellation what was made.' }),
    }),
    handle: ({ deps, caller, params }) => showChange(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/change-requests/{id}/created',
    summary:
      'Records that the versions which it undid have made; the plan under `cancellation` offers to cancel them.',
    permission: 'mappings:read',
    params: IdParam,
    query: PageQuery,
    response: pageOf(
      z.object({
        connection: z.string(),
        object: z.string(),
        externalId: z.string(),
        vendorId: z.string().nullable(),
        canonicalId: z.string(),
      }),
    ),
    handle: async ({ deps, caller, params, query: { cursor, limit } }) =>
      toPage(
        await listCreatedRecords(deps, caller, { id: params.id, after: cursor, limit: limit + 1 }),
        limit,
        (record) => record.externalId,
      ),
  }),
];

const restoring = [
  defineRoute({
    method: 'get',
    path: '/api/v1/change-requests/{id}/restored',
    summary: 'Records that it brings back, field by field, and what was left alone.',
    permission: 'mappings:read',
    params: IdParam,
    query: PageQuery,
    response: pageOf(
      z
        .object({
          connection: z.string(),
          object: z.string(),
          externalId: z.string(),
          canonicalId: z.string(),
          vendorId: z.string().nullable(),
          state: z.string(),
          fields: z.array(
            z.object({
              field: z.string(),
              did: z.enum(['restored', 'kept', 'same', 'waits']),
              before: z.json(),
              written: z.json(),
              now: z.json(),
            }),
          ),
        })
        .meta({ id: 'RestoredRecord' }),
    ),
    handle: async ({ deps, caller, params, query: { cursor, limit } }) =>
      toPage(
        await listRestoredRecords(deps, caller, { id: params.id, after: cursor, limit: limit + 1 }),
        limit,
        (record) => record.externalId,
      ),
  }),
];

const deciding = [
  defineRoute({
    method: 'post',
    path: '/api/v1/change-requests/{id}:approve',
    summary: 'Approves exactly the content of this hash. Who wrote or submitted it cannot.',
    permission: 'mappings:approve',
    params: IdParam,
    body: z.strictObject({ hash: z.string().min(1).max(200) }),
    response: MappingChange,
    handle: ({ deps, caller, params, body }) =>
      approveChange(deps, caller, { id: params.id, hash: body.hash }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/change-requests/{id}:return',
    summary: 'Sends it back to those who wrote it, with what is to be done.',
    permission: 'mappings:approve',
    params: IdParam,
    body: z.strictObject({ comment: Words }),
    response: MappingChange,
    handle: ({ deps, caller, params, body }) =>
      returnChange(deps, caller, { id: params.id, comment: body.comment }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/change-requests/{id}:decline',
    summary: 'Refuses it, with the reason.',
    permission: 'mappings:approve',
    params: IdParam,
    body: z.strictObject({ comment: Words }),
    response: MappingChange,
    handle: ({ deps, caller, params, body }) =>
      declineChange(deps, caller, { id: params.id, comment: body.comment }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/change-requests/{id}:withdraw',
    summary: 'Takes it back; for those who wrote or submitted it.',
    permission: 'mappings:write',
    params: IdParam,
    response: MappingChange,
    handle: ({ deps, caller, params }) => withdrawChange(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/change-requests/{id}:publish',
    summary: 'Puts it in effect, now or at an instant to come.',
    permission: 'mappings:publish',
    params: IdParam,
    body: z.strictObject({
      at: z.iso.datetime({ offset: true }).optional(),
      replay: z.boolean().optional().meta({
        description: 'Map landed records again; as was asked for when it was submitted.',
      }),
    }),
    status: 202,
    response: z.object({
      change: MappingChange,
      replays: z.array(z.string()).meta({ description: 'Runs that map landed records again.' }),
      restored: z.number().int(),
    }),
    handle: ({ deps, caller, params, body }) =>
      publishChange(deps, caller, {
        id: params.id,
        at: body.at === undefined ? undefined : new Date(body.at),
        replay: body.replay,
      }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/change-requests/{id}/comments',
    summary: 'Says something about it.',
    permission: 'mappings:read',
    params: IdParam,
    body: z.strictObject({ body: Words }),
    status: 201,
    response: ChangeComment.extend({ at: Instant }),
    handle: ({ deps, caller, params, body }) =>
      commentOnChange(deps, caller, { id: params.id, body: body.body }),
  }),
];

export const routes = [...reading, ...restoring, ...deciding];
