import * as z from 'zod';
import { listStewards, showSteward, StewardSubject } from '../../app/flows/list-stewards.ts';
import { setSteward } from '../../app/flows/set-steward.ts';
import { CalendarDate } from '../../canonical/fields.ts';
import { defineRoute, type ReplyHead } from '../define-route.ts';
import { IdParam } from '../fields.ts';
import { etagOf, seenBy } from '../if-match.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';

const Param = z.strictObject({ type: StewardSubject, id: IdParam.shape.id });

const Stewardship = z
  .object({
    type: StewardSubject,
    id: z.string().meta({ description: '`*`: all of the type that nobody is named for.' }),
    title: z.string(),
    steward: z
      .object({ id: z.string(), name: z.string(), status: z.enum(['active', 'disabled']) })
      .nullable(),
    from: z.enum(['own', 'type', 'source']).nullable(),
    reviewDue: z.string().nullable(),
    unowned: z.boolean(),
    overdue: z.boolean(),
  })
  .meta({ id: 'Stewardship', description: 'Who answers for a thing.' });

/** Gives it with the tag that its next change has to name. */
function tagged<State extends { readonly tag: string }>(reply: ReplyHead, state: State): State {
  reply.headers['etag'] = etagOf(state.tag);
  return state;
}

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/stewardship',
    summary: 'Who answers for products, agreements, mappings and policies.',
    permission: 'stewards:read',
    query: PageQuery.extend({
      type: StewardSubject.optional(),
      state: z.enum(['unowned', 'overdue']).optional(),
    }),
    response: pageOf(Stewardship),
    handle: async ({ deps, caller, query }) =>
      slicePage(await listStewards(deps, caller, query), query),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/stewardship/{type}/{id}',
    summary: 'Who answers for one thing.',
    permission: 'stewards:read',
    params: Param,
    etag: true,
    response: Stewardship,
    handle: async ({ deps, caller, params, reply }) =>
      tagged(reply, await showSteward(deps, caller, params)),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/stewardship/{type}/{id}',
    summary: 'Names who answers for a thing, and when it is to be looked at again.',
    permission: 'stewards:write',
    params: Param,
    body: z.strictObject({
      person: z.string().min(1).max(100),
      reviewDue: CalendarDate.nullable().default(null),
    }),
    response: Stewardship,
    handle: async ({ deps, caller, params, body, request, reply }) => {
      const seen = seenBy(request, 'the stewardship');
      const input = { ...params, seen, personId: body.person, reviewDue: body.reviewDue };
      return tagged(reply, await setSteward(deps, caller, input));
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/api/v1/stewardship/{type}/{id}',
    summary: 'Takes back who answers for a thing.',
    permission: 'stewards:write',
    params: Param,
    response: Stewardship,
    handle: async ({ deps, caller, params, request, reply }) => {
      const seen = seenBy(request, 'the stewardship');
      const input = { ...params, seen, personId: null, reviewDue: null };
      return tagged(reply, await setSteward(deps, caller, input));
    },
  }),
];
