import { dropIntent } from '../../app/flows/drop-intent.ts';
import { listIntents } from '../../app/flows/list-intents.ts';
import { retryIntent } from '../../app/flows/retry-intent.ts';
import { showIntent } from '../../app/flows/show-intent.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam } from '../fields.ts';
import { Intent, IntentState } from '../intent.ts';
import { offsetOf, PageQuery, pageOf, toPage } from '../paging.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/intents',
    summary: 'What was meant to be written to other systems and where it stands, newest first.',
    permission: 'intents:read',
    query: PageQuery.extend({
      state: IntentState.optional(),
      plan: FilterText.optional(),
      object: FilterText.optional(),
    }),
    response: pageOf(Intent),
    handle: async ({ deps, caller, query: { cursor, limit, state, plan, object } }) => {
      const offset = offsetOf(cursor);
      const rows = await listIntents(deps, caller, {
        state,
        planId: plan,
        object,
        limit: limit + 1,
        offset,
      });
      return toPage(rows, limit, (_row, at) => String(offset + at + 1));
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/intents/{id}',
    summary: 'One intent.',
    permission: 'intents:read',
    params: IdParam,
    etag: true,
    response: Intent,
    handle: ({ deps, caller, params }) => showIntent(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/intents/{id}:retry',
    summary:
      'Tries a write again that waits for a person: a refused one under its own id, one in conflict as the next revision, which writes our values over the others. Where a plan asked for the write, that needs `plans:approve` as well.',
    permission: 'errors:retry',
    params: IdParam,
    status: 202,
    response: Intent,
    handle: ({ deps, caller, params }) => retryIntent(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/intents/{id}:drop',
    summary: 'Drops a write that a mode keeps back: it is not sent once the mode lets it.',
    permission: 'plans:approve',
    params: IdParam,
    response: Intent,
    handle: ({ deps, caller, params }) => dropIntent(deps, caller, params.id),
  }),
];
