import * as z from 'zod';
import { decideWriteHold } from '../../app/flows/decide-write-hold.ts';
import { listWriteHolds } from '../../app/flows/list-write-holds.ts';
import { reversePlan } from '../../app/flows/reverse-plan.ts';
import { showWriteHold } from '../../app/flows/show-write-hold.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam, Instant } from '../fields.ts';
import { Intent } from '../intent.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';
import { Plan } from '../plan-shapes.ts';

const Status = z.enum(['open', 'released', 'rejected']);

const WriteHold = z
  .object({
    id: z.string(),
    source: z.enum([
      'deals',
      'entitlements',
      'renewals',
      'reconciliation',
      'roll-back',
      'statuses',
    ]),
    status: Status,
    reasons: z.array(z.string()),
    counted: z.object({
      changed: z.number().int(),
      standing: z.number().int(),
      made: z.number().int(),
      money: z.array(z.object({ amount: z.string(), currency: z.string() })),
    }),
    hash: z.string().meta({
      description: 'Of what waits in it, writes and plans: what a release binds to.',
    }),
    intents: z.number().int(),
    plans: z.number().int(),
    openedAt: Instant,
    decidedAt: Instant.nullable(),
    decidedBy: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({
    id: 'WriteHold',
    description:
      'A run that would change more than is allowed: nothing of it is sent until a person releases it.',
  });

const Why = z.strictObject({ reason: z.string().max(2000).nullable().default(null) });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/write-holds',
    summary: 'Runs that would change more than is allowed, newest first.',
    permission: 'plans:read',
    query: PageQuery.extend({ status: Status.optional() }),
    response: pageOf(WriteHold),
    handle: async ({ deps, caller, query: { cursor, limit, status } }) =>
      toPage(
        await listWriteHolds(deps, caller, { status, before: cursor, limit: limit + 1 }),
        limit,
        (hold) => hold.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/write-holds/{id}',
    summary: 'One held run with at most 500 of its writes, and its plans.',
    permission: 'plans:read',
    params: IdParam,
    etag: true,
    response: WriteHold.extend({ writes: z.array(Intent), held: z.array(Plan) }),
    handle: ({ deps, caller, params }) => showWriteHold(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/write-holds/{id}:release',
    summary:
      'Lets the run go, as it was seen: its writes are sent, and its plans approved and applied.',
    permission: 'plans:approve',
    params: IdParam,
    body: Why.extend({ hash: z.string().min(1).max(200) }),
    status: 202,
    response: WriteHold,
    handle: ({ deps, caller, params, body }) =>
      decideWriteHold(deps, caller, { id: params.id, decision: 'released', ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/write-holds/{id}:reject',
    summary: 'Drops the run: nothing of it is sent.',
    permission: 'plans:approve',
    params: IdParam,
    body: Why,
    response: WriteHold,
    handle: ({ deps, caller, params, body }) =>
      decideWriteHold(deps, caller, { id: params.id, decision: 'rejected', ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/write-holds/{id}:restore',
    summary: 'Draws up the plan that takes a released run back.',
    permission: 'plans:apply',
    params: IdParam,
    response: Plan,
    handle: ({ deps, caller, params }) => reversePlan(deps, caller, { holdId: params.id }),
  }),
];
