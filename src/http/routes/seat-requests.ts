import * as z from 'zod';
import { askForSeat, decideSeatRequest, listSeatRequests } from '../../app/flows/ask-for-seat.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Instant, Slug } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Status = z.enum(['granted', 'waiting', 'blocked', 'declined', 'ended']);

const SeatRequest = z
  .object({
    id: z.string(),
    connection: z.string(),
    userName: z.string(),
    product: z.string(),
    channel: z.enum(['api', 'scim']),
    status: Status,
    answer: z.object({
      verdict: z.enum(['granted', 'warned', 'waiting', 'blocked']),
      rule: z.enum(['within', 'soft_limit', 'hard_limit', 'baseline', 'unknown_rights']),
      product: z.string(),
      used: z.string(),
      usedAfter: z.string(),
      owned: z.string().nullable(),
      reason: z.string(),
    }),
    askedBy: z.string(),
    reason: z.string().nullable(),
    askedAt: Instant,
    decidedBy: z.string().nullable(),
    decidedAt: Instant.nullable(),
    decision: z.string().nullable(),
    heldUntil: Instant.nullable().meta({
      description: 'Until when a granted one holds its right without its seat being seen.',
    }),
  })
  .meta({ id: 'SeatRequest' });

const Words = z.string().trim().min(1).max(4000);
const Decision = z.strictObject({ reason: Words.nullable().default(null) });
const ONE = '/api/v1/seat-requests/{id}';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/seat-requests',
    summary: 'Seats that were asked for, with what the limits of their pools answered.',
    permission: 'findings:read',
    query: PageQuery.extend({ status: Status.optional(), product: FilterText.optional() }),
    response: pageOf(SeatRequest),
    handle: async ({ deps, caller, query: { cursor, limit, ...filter } }) =>
      toPage(
        await listSeatRequests(deps, caller, { ...filter, before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/seat-requests',
    summary:
      'Asks for a seat; the limits of its pool grant it, leave it to a person, or refuse it.',
    permission: 'seats:write',
    body: z.strictObject({
      person: FilterText,
      product: FilterText,
      connection: Slug,
      reason: Words.nullable().default(null),
    }),
    status: 201,
    response: SeatRequest,
    handle: ({ deps, caller, body }) => askForSeat(deps, caller, body),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:approve`,
    summary: 'Grants a seat that somebody else asked for.',
    permission: 'seats:decide',
    params: IdParam,
    body: Decision,
    response: SeatRequest,
    handle: ({ deps, caller, params, body }) =>
      decideSeatRequest(deps, caller, { id: params.id, granted: true, reason: body.reason }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:decline`,
    summary: 'Declines a seat that somebody else asked for.',
    permission: 'seats:decide',
    params: IdParam,
    body: Decision,
    response: SeatRequest,
    handle: ({ deps, caller, params, body }) =>
      decideSeatRequest(deps, caller, { id: params.id, granted: false, reason: body.reason }),
  }),
];
