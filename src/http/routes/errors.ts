import * as z from 'zod';
import { batchErrors } from '../../app/flows/batch-errors.ts';
import { decideError, type ErrorWord } from '../../app/flows/decide-error.ts';
import { editAndRetry, listEdits } from '../../app/flows/edit-and-retry.ts';
import { listErrorGroups, showErrorGroup } from '../../app/flows/list-error-groups.ts';
import { listErrors } from '../../app/flows/list-errors.ts';
import { retryErrors } from '../../app/flows/retry-errors.ts';
import { showError } from '../../app/flows/show-error.ts';
import { defineRoute } from '../define-route.ts';
import {
  AssignBody,
  BatchBody,
  BatchResult,
  Decision,
  EditBody,
  ErrorClass,
  ErrorGroup,
  ErrorMember,
  IgnoreBody,
  IntentEdit,
  QuarantinedRecord,
  QuarantineStatus,
  Retried,
} from '../error-shapes.ts';
import { FilterText, IdParam } from '../fields.ts';
import { Intent } from '../intent.ts';
import { offsetOf, PageQuery, pageOf, slicePage, toPage } from '../paging.ts';

/** What is asked of one cause, and in the same words of one record or write. */
const ONE = '/api/v1/errors/{id}';
const asked = [
  defineRoute({
    method: 'post',
    path: `${ONE}:retry`,
    summary:
      'Tries one record, write or cause again. A write that a vendor refused is a new attempt of the same intent.',
    permission: 'errors:retry',
    params: IdParam,
    status: 202,
    response: Retried,
    handle: ({ deps, caller, params }) => retryErrors(deps, caller, { id: params.id }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:ignore`,
    summary:
      'Leaves one record, write or cause alone until a time, with the reason; it is back by itself.',
    permission: 'errors:decide',
    params: IdParam,
    body: IgnoreBody,
    response: Decision,
    handle: ({ deps, caller, params, body }) =>
      decideError(deps, caller, { id: params.id, ...ignoring(body) }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:heed`,
    summary: 'No longer leaves one record, write or cause alone.',
    permission: 'errors:decide',
    params: IdParam,
    response: Decision,
    handle: ({ deps, caller, params }) => decideError(deps, caller, { id: params.id, do: 'heed' }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:assign`,
    summary: 'Names who looks after one record, write or cause; null for nobody.',
    permission: 'errors:decide',
    params: IdParam,
    body: AssignBody,
    response: Decision,
    handle: ({ deps, caller, params, body }) =>
      decideError(deps, caller, { id: params.id, do: 'assign', personId: body.person }),
  }),
];

function ignoring({ reason, until }: z.infer<typeof IgnoreBody>): ErrorWord {
  return { do: 'ignore', reason, until: new Date(until) };
}

function wordOf(body: z.infer<typeof BatchBody>): Parameters<typeof batchErrors>[2]['word'] {
  if (body.do === 'ignore') return ignoring(body);
  if (body.do === 'assign') return { do: 'assign', personId: body.person };
  return { do: body.do };
}

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/errors',
    summary: 'Records that wait for a person, newest first.',
    permission: 'errors:read',
    query: PageQuery.extend({
      status: QuarantineStatus.optional(),
      run: FilterText.optional(),
      cause: FilterText.optional(),
    }),
    response: pageOf(QuarantinedRecord),
    handle: async ({ deps, caller, query: { cursor, limit, status, run, cause } }) => {
      const filter = { status, runId: run, cause, before: cursor, limit: limit + 1 };
      return toPage(await listErrors(deps, caller, filter), limit, (row) => row.id);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/errors/groups',
    summary: 'What waits for a person, by cause, newest first.',
    permission: 'errors:read',
    query: PageQuery.extend({
      state: z.enum(['open', 'ignored', 'all']).optional(),
      class: ErrorClass.optional(),
      system: FilterText.optional(),
      owner: FilterText.optional(),
      mapping: FilterText.optional(),
    }),
    response: pageOf(ErrorGroup),
    handle: async ({ deps, caller, query }) =>
      slicePage(await listErrorGroups(deps, caller, query), query),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/errors/groups/{id}',
    summary: 'One cause with at most 500 of what waits for it.',
    permission: 'errors:read',
    params: IdParam,
    etag: true,
    response: ErrorGroup.extend({ members: z.array(ErrorMember) }),
    handle: ({ deps, caller, params }) => showErrorGroup(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/errors/edits',
    summary: 'Fields of writes that were set by hand, newest first: rows of mappings to look at.',
    permission: 'errors:read',
    query: PageQuery.extend({ mapping: FilterText.optional() }),
    response: pageOf(IntentEdit),
    handle: async ({ deps, caller, query: { cursor, limit, mapping } }) => {
      const offset = offsetOf(cursor);
      const rows = await listEdits(deps, caller, { mappingId: mapping, limit: limit + 1, offset });
      return toPage(rows, limit, (_row, at) => String(offset + at + 1));
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/errors:retry',
    summary: 'Tries again all that nobody has left alone: records, refused writes and stuck work.',
    permission: 'errors:retry',
    status: 202,
    response: Retried,
    handle: ({ deps, caller }) => retryErrors(deps, caller, {}),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/errors:batch',
    summary: 'The same word about up to 200 causes, records and writes, each for itself.',
    permission: 'errors:retry',
    body: BatchBody,
    response: z.object({ results: z.array(BatchResult) }),
    handle: async ({ deps, caller, body }) => ({
      results: await batchErrors(deps, caller, { ids: body.ids, word: wordOf(body) }),
    }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/errors/{id}',
    summary: 'One record that waits for a person.',
    permission: 'errors:read',
    params: IdParam,
    etag: true,
    response: QuarantinedRecord,
    handle: ({ deps, caller, params }) => showError(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/errors/{id}:edit-and-retry',
    summary:
      'Sends a refused write with values set by hand, as the next revision of its record. Of a planned one only who may approve plans.',
    permission: 'errors:edit',
    params: IdParam,
    body: EditBody,
    status: 202,
    response: z.object({
      intent: Intent,
      edits: z.array(IntentEdit),
      candidates: z
        .array(
          z.object({
            mappingId: z.string(),
            version: z.number().int(),
            field: z.string(),
            records: z.number().int(),
          }),
        )
        .meta({ description: 'Rows of mappings that the next record meets as well.' }),
    }),
    handle: ({ deps, caller, params, body }) =>
      editAndRetry(deps, caller, { id: params.id, ...body }),
  }),
  ...asked,
];
