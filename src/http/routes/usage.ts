import * as z from 'zod';
import { assignUnattributed } from '../../app/flows/assign-unattributed.ts';
import { listUnattributed } from '../../app/flows/list-unattributed.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam } from '../fields.ts';
import { pageOf, PageQuery, toPage } from '../paging.ts';

const Unattributed = z.object({
  id: z.string(),
  reason: z.string(),
  type: z.string(),
  definition: z.string().nullable(),
  source: z.string(),
  instance: z.string().nullable(),
  /** `person:<id>`: who is to say whose it is. */
  owner: z.string(),
  events: z.number().int(),
  firstDay: z.string(),
  lastDay: z.string(),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/usage/unattributed',
    summary: 'Use that counts for nobody, with the reason and whoever looks after it.',
    permission: 'telemetry:read',
    query: PageQuery.extend({ owner: IdParam.shape.id.optional() }),
    response: pageOf(Unattributed),
    handle: async ({ deps, caller, query: { cursor, limit, owner } }) =>
      toPage(
        await listUnattributed(deps, caller, { owner, after: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'patch',
    path: '/api/v1/usage/unattributed/{id}',
    summary: 'Gives use that counts for nobody to a person to look after.',
    permission: 'telemetry:define',
    params: IdParam,
    body: z.strictObject({ owner: IdParam.shape.id }),
    response: Unattributed,
    handle: ({ deps, caller, params, body }) =>
      assignUnattributed(deps, caller, { id: params.id, owner: body.owner }),
  }),
];
