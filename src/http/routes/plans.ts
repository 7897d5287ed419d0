import * as z from 'zod';
import { approvePlan } from '../../app/flows/approve-plan.ts';
import { decidePlan, LATE_DECISIONS } from '../../app/flows/decide-plan.ts';
import { listPlans } from '../../app/flows/list-plans.ts';
import { requestApply } from '../../app/flows/request-apply.ts';
import { showPlan } from '../../app/flows/show-plan.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam, Instant, Open } from '../fields.ts';
import { Intent } from '../intent.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Status = z.enum([
  'blocked',
  'waiting',
  'review',
  'approved',
  'applying',
  'applied',
  'stale',
  'superseded',
  'linked',
  'rejected',
]);

const Plan = z
  .object({
    id: z.string(),
    kind: z.enum(['closed_won', 'reopen']),
    subject: z.string(),
    hash: z
      .string()
      .meta({ description: 'Covers every effect and input; an approval binds to it.' }),
    status: Status,
    body: Open,
    createdAt: Instant,
    approvedBy: z.string().nullable(),
    approvedHash: z.string().nullable(),
    approvedAt: Instant.nullable(),
    appliedAt: Instant.nullable(),
    decision: z.enum(LATE_DECISIONS).nullable(),
    decidedBy: z.string().nullable(),
    decidedAt: Instant.nullable(),
  })
  .meta({ id: 'Plan' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/plans',
    summary: 'Plans, newest first.',
    permission: 'plans:read',
    query: PageQuery.extend({ status: Status.optional() }),
    response: pageOf(Plan),
    handle: async ({ deps, caller, query: { cursor, limit, status } }) =>
      toPage(
        await listPlans(deps, caller, { status, before: cursor, limit: limit + 1 }),
        limit,
        (plan) => plan.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/plans/{id}',
    summary: 'One plan with what became of its effects.',
    permission: 'plans:read',
    params: IdParam,
    etag: true,
    response: Plan.extend({ intents: z.array(Intent) }),
    handle: ({ deps, caller, params }) => showPlan(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/plans/{id}:approve',
    summary: 'Approves exactly the plan of this hash.',
    permission: 'plans:approve',
    params: IdParam,
    body: z.strictObject({ hash: z.string().min(1).max(200) }),
    response: Plan,
    handle: ({ deps, caller, params, body }) =>
      approvePlan(deps, caller, { id: params.id, hash: body.hash }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/plans/{id}:decide',
    summary:
      'Says what a late deal is whose customer holds the rights already: bought additionally, the renewal that was made meanwhile, or nothing.',
    permission: 'plans:approve',
    params: IdParam,
    body: z.strictObject({ hash: z.string().min(1).max(200), as: z.enum(LATE_DECISIONS) }),
    response: Plan,
    handle: ({ deps, caller, params, body }) =>
      decidePlan(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/plans/{id}:apply',
    summary: 'Asks for an approved plan to be applied; it is refused if its inputs moved.',
    permission: 'plans:apply',
    params: IdParam,
    status: 202,
    response: Plan,
    handle: ({ deps, caller, params }) => requestApply(deps, caller, params.id),
  }),
];
