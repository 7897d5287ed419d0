import * as z from 'zod';
import { decideException, endException } from '../../app/flows/decide-exception.ts';
import { ExceptionStatus, listExceptions, showException } from '../../app/flows/list-exceptions.ts';
import { ExceptionRequest, requestException } from '../../app/flows/request-exception.ts';
import { CalendarDate } from '../../canonical/fields.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Instant } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Exception = ExceptionRequest.extend({
  id: z.string(),
  status: ExceptionStatus,
  requestedBy: z.string(),
  requestedAt: Instant,
  decidedBy: z.string().nullable(),
  decidedAt: Instant.nullable(),
  reason: z.string().nullable(),
  effectiveFrom: CalendarDate.nullable().meta({
    description: 'From when it excludes: never before the day of its approval.',
  }),
  endedBy: z.string().nullable(),
  endedAt: Instant.nullable(),
  endedOn: CalendarDate.nullable(),
  endReason: z.string().nullable(),
}).meta({
  id: 'Exception',
  description:
    'A deviation with an end: what it names needs no right while it lasts, and is shown.',
});

const Effect = z.object({
  basis: z.enum(['preview', 'run']).meta({
    description: 'What it would do if approved today, or what it did in the latest reconciliation.',
  }),
  runId: z.string().nullable(),
  lines: z.array(
    z.object({
      lineId: z.string(),
      skuCode: z.string(),
      subjects: z.number().int(),
      quantity: z.string(),
      required: z.string(),
      requiredAfter: z.string().meta({ description: 'Once it ends, if nothing else changes.' }),
      shortfallAfter: z.string(),
    }),
  ),
});

const Words = z.string().trim().min(1).max(4000);
const ONE = '/api/v1/exceptions/{id}';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/exceptions',
    summary: 'Exceptions, newest first.',
    permission: 'exceptions:read',
    query: PageQuery.extend({ status: ExceptionStatus.optional(), sku: FilterText.optional() }),
    response: pageOf(Exception),
    handle: async ({ deps, caller, query: { cursor, limit, ...filter } }) =>
      toPage(
        await listExceptions(deps, caller, { ...filter, before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/exceptions',
    summary: 'Asks for an exception. It excludes nothing until somebody else has approved it.',
    permission: 'exceptions:request',
    body: ExceptionRequest,
    status: 201,
    response: Exception,
    handle: async ({ deps, caller, body, reply }) => {
      const asked = await requestException(deps, caller, body);
      reply.headers['location'] = `/api/v1/exceptions/${asked.id}`;
      return asked;
    },
  }),
  defineRoute({
    method: 'get',
    path: ONE,
    summary: 'One exception, with what it does to positions or would do.',
    permission: 'exceptions:read',
    params: IdParam,
    response: Exception.extend({ effect: Effect }),
    handle: ({ deps, caller, params }) => showException(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:approve`,
    summary: 'Approves an exception that somebody else asked for, from today on at the earliest.',
    permission: 'exceptions:decide',
    params: IdParam,
    body: z.strictObject({ reason: Words.nullable().default(null) }),
    response: Exception,
    handle: ({ deps, caller, params, body }) =>
      decideException(deps, caller, { id: params.id, decision: 'approved', reason: body.reason }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:decline`,
    summary: 'Declines an exception that somebody else asked for.',
    permission: 'exceptions:decide',
    params: IdParam,
    body: z.strictObject({ reason: Words }),
    response: Exception,
    handle: ({ deps, caller, params, body }) =>
      decideException(deps, caller, { id: params.id, decision: 'declined', reason: body.reason }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:end`,
    summary: 'Ends an exception from today on, or takes a request back.',
    permission: 'exceptions:request',
    params: IdParam,
    body: z.strictObject({ reason: Words }),
    response: Exception,
    handle: ({ deps, caller, params, body }) =>
      endException(deps, caller, { id: params.id, reason: body.reason }),
  }),
];
