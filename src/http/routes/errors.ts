import * as z from 'zod';
import { listErrors } from '../../app/flows/list-errors.ts';
import { retryErrors } from '../../app/flows/retry-errors.ts';
import { showError } from '../../app/flows/show-error.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Instant } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Status = z.enum(['open', 'resolved', 'ignored']);

const ErrorRow = z
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
    status: Status,
    attempts: z.number().int(),
    openedAt: Instant,
    resolvedAt: Instant.nullable(),
  })
  .meta({
    id: 'QuarantinedRecord',
    description: 'A record that waits for a person, with the reason.',
  });

const Retried = z.object({
  records: z.number().int(),
  intents: z.number().int(),
  work: z.number().int(),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/errors',
    summary: 'Records that wait for a person, newest first.',
    permission: 'errors:read',
    query: PageQuery.extend({ status: Status.optional(), run: FilterText.optional() }),
    response: pageOf(ErrorRow),
    handle: async ({ deps, caller, query: { cursor, limit, status, run } }) =>
      toPage(
        await listErrors(deps, caller, { status, runId: run, before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/errors:retry',
    summary: 'Tries every open record, every refused write and all stuck work again.',
    permission: 'errors:retry',
    status: 202,
    response: Retried,
    handle: ({ deps, caller }) => retryErrors(deps, caller, {}),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/errors/{id}',
    summary: 'One record that waits for a person.',
    permission: 'errors:read',
    params: IdParam,
    etag: true,
    response: ErrorRow,
    handle: ({ deps, caller, params }) => showError(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/errors/{id}:retry',
    summary: 'Tries one record again.',
    permission: 'errors:retry',
    params: IdParam,
    status: 202,
    response: Retried,
    handle: ({ deps, caller, params }) => retryErrors(deps, caller, { id: params.id }),
  }),
];
