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
    kind: z.enum(['accounts', 'records']),
    connection: z.string(),
    stream: z
      .string()
      .nullable()
      .meta({ description: 'Whose records they are; null for accounts.' }),
    status: Status,
    cap: z.number().int(),
    activeAccounts: z.number().int(),
    heldRecords: z.number().int().nullable(),
    removals: z.number().int(),
    openedAt: Instant,
    decidedAt: Instant.nullable(),
    decidedBy: z.string().nullable(),
  })
  .meta({
    id: 'PeopleHold',
    description:
      'More accounts ended, or more records were not shown any more, than the company allows: they stay until a person decides.',
  });

const Held = z.object({
  stream: z.string(),
  recordId: z.string(),
  userName: z.string().nullable(),
  kind: z.enum(['deactivated', 'deleted', 'unseen']),
  status: z.enum(['held', 'cleared', 'kept', 'applied', 'withdrawn']),
  runId: z.string(),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/people-holds',
    summary:
      'Mass deactivations and disappearances that wait, or waited, for a person; newest first.',
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
    summary: 'One mass deactivation or disappearance with at most 500 of its records.',
    permission: 'people:read',
    params: IdParam,
    etag: true,
    response: PeopleHold.extend({ records: z.array(Held) }),
    handle: ({ deps, caller, params }) => showPeopleHold(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/people-holds/{id}:confirm',
    summary:
      'Lets it through: accounts end and their seats become free; records end with a read that this starts.',
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
    summary: 'Keeps accounts, seats and records as they are until the source gives them back.',
    permission: 'people:decide',
    params: IdParam,
    response: PeopleHold,
    handle: ({ deps, caller, params }) =>
      decidePeopleHold(deps, caller, { id: params.id, decision: 'rejected' }),
  }),
];
