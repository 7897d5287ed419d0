import * as z from 'zod';
import { decidePeopleHold } from '../../app/flows/decide-people-hold.ts';
import { listPeopleHolds } from '../../app/flows/list-people-holds.ts';
import { showPeopleHold } from '../../app/flows/show-people-hold.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam, Instant } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Status = z.enum(['open', 'confirmed', 'rejected', 'withdrawn']);

const PeopleHold = z
  .object({
    id: z.string(),
    connection: z.string(),
    status: Status,
    cap: z.number().int(),
    activeAccounts: z.number().int(),
    removals: z.number().int(),
    openedAt: Instant,
    decidedAt: Instant.nullable(),
    decidedBy: z.string().nullable(),
  })
  .meta({
    id: 'PeopleHold',
    description: 'More accounts ended than the company allows: they stay until a person decides.',
  });

const Held = z.object({
  stream: z.string(),
  recordId: z.string(),
  userName: z.string().nullable(),
  kind: z.enum(['deactivated', 'deleted']),
  status: z.enum(['held', 'cleared', 'kept', 'applied', 'withdrawn']),
  runId: z.string(),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/people-holds',
    summary: 'Mass deactivations that wait, or waited, for a person; newest first.',
    permission: 'people:read',
    query: PageQuery.extend({ status: Status.optional() }),
    response: pageOf(PeopleHold),
    handle: async ({ deps, caller, query: { cursor, limit, status } }) =>
      toPage(
        await listPeopleHolds(deps, caller, { status, before: cursor, limit: limit + 1 }),
        limit,
        (hold) => hold.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/people-holds/{id}',
    summary: 'One mass deactivation with at most 500 of its records.',
    permission: 'people:read',
    params: IdParam,
    etag: true,
    response: PeopleHold.extend({ records: z.array(Held) }),
    handle: ({ deps, caller, params }) => showPeopleHold(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/people-holds/{id}:confirm',
    summary: 'Lets a mass deactivation through: the accounts end and their seats become free.',
    permission: 'people:decide',
    params: IdParam,
    status: 202,
    response: PeopleHold,
    handle: ({ deps, caller, params }) =>
      decidePeopleHold(deps, caller, { id: params.id, decision: 'confirmed' }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/people-holds/{id}:reject',
    summary: 'Keeps the accounts and their seats as they are until the source gives them back.',
    permission: 'people:decide',
    params: IdParam,
    response: PeopleHold,
    handle: ({ deps, caller, params }) =>
      decidePeopleHold(deps, caller, { id: params.id, decision: 'rejected' }),
  }),
];
