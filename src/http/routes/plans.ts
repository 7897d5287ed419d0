import * as z from 'zod';
import { approvePlan } from '../../app/flows/approve-plan.ts';
import { decidePlan, LATE_DECISIONS } from '../../app/flows/decide-plan.ts';
import { listPlans } from '../../app/flows/list-plans.ts';
import { requestApply } from '../../app/flows/request-apply.ts';
import { resumePlan } from '../../app/flows/resume-plan.ts';
import { reversePlan } from '../../app/flows/reverse-plan.ts';
import { showPlan } from '../../app/flows/show-plan.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam } from '../fields.ts';
import { Intent } from '../intent.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';
import { Plan, PlanChanges, PlanStatus } from '../plan-shapes.ts';

/** What a person looked at: the plan, and what it said of the other systems (`changes.shown`). */
const Seen = z.strictObject({
  hash: z.string().min(1).max(200),
  shown: z.string().min(1).max(200).optional(),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/plans',
    summary: 'Plans, newest first, or by the money at stake.',
    permission: 'plans:read',
    query: PageQuery.extend({
      status: PlanStatus.optional(),
      sort: z.enum(['newest', 'value']).default('newest'),
    }),
    response: pageOf(Plan),
    handle: async ({ deps, caller, query: { cursor, limit, status, sort } }) =>
      toPage(
        await listPlans(deps, caller, { status, before: cursor, limit: limit + 1, sort }),
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
    response: Plan.extend({ intents: z.array(Intent), ...PlanChanges.shape }),
    handle: ({ deps, caller, params }) => showPlan(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/plans/{id}:approve',
    summary: 'Approves exactly the plan of this hash, over the values that `shown` names.',
    permission: 'plans:approve',
    params: IdParam,
    body: Seen,
    response: Plan,
    handle: ({ deps, caller, params, body }) =>
      approvePlan(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/plans/{id}:decide',
    summary:
      'Says what a late deal is whose customer holds the rights already: bought additionally, the renewal that was made meanwhile, or nothing.',
    permission: 'plans:approve',
    params: IdParam,
    body: Seen.extend({ as: z.enum(LATE_DECISIONS) }),
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
  defineRoute({
    method: 'post',
    path: '/api/v1/plans/{id}:resume',
    summary: 'Goes on with a plan that stopped half-way, after its cause is mended.',
    permission: 'plans:apply',
    params: IdParam,
    status: 202,
    response: z.object({ id: z.string(), tried: z.number().int(), woken: z.number().int() }),
    handle: ({ deps, caller, params }) => resumePlan(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/plans/{id}:reverse',
    summary: 'Draws up the plan that takes an applied plan back.',
    permission: 'plans:apply',
    params: IdParam,
    response: Plan,
    handle: ({ deps, caller, params }) => reversePlan(deps, caller, { planId: params.id }),
  }),
];
