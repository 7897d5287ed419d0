import {
  cancelShadow,
  listShadowRuns,
  showShadow,
  showShadowDifferences,
} from '../../app/flows/show-shadow.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam } from '../fields.ts';
import { offsetOf, PageQuery, pageOf, toPage } from '../paging.ts';
import { Outcome, ShadowDifference, ShadowRun } from '../shadow-fields.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/shadow-runs',
    summary: 'Shadow runs of mappings, newest first; of each mapping the last twenty are kept.',
    permission: 'mappings:read',
    query: PageQuery.extend({ mapping: FilterText.optional() }),
    response: pageOf(ShadowRun),
    handle: async ({ deps, caller, query: { cursor, limit, mapping } }) =>
      toPage(
        await listShadowRuns(deps, caller, { mapping, before: cursor, limit: limit + 1 }),
        limit,
        (run) => run.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/shadow-runs/{id}',
    summary: 'One shadow run with its totals, also while it runs.',
    permission: 'mappings:read',
    params: IdParam,
    etag: true,
    response: ShadowRun,
    handle: ({ deps, caller, params }) => showShadow(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/shadow-runs/{id}/differences',
    summary: 'The records that differ, the first 5,000 of them; the totals of the run count all.',
    permission: 'mappings:read',
    params: IdParam,
    query: PageQuery.extend({ outcome: Outcome.optional() }),
    response: pageOf(ShadowDifference),
    handle: async ({ deps, caller, params, query: { cursor, limit, outcome } }) =>
      toPage(
        await showShadowDifferences(deps, caller, {
          id: params.id,
          from: offsetOf(cursor),
          limit: limit + 1,
          outcome,
        }),
        limit,
        ({ position }) => String(position + 1),
      ),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/shadow-runs/{id}:cancel',
    summary: 'Ends a running shadow run after the chunk that it is at; what it found stays.',
    permission: 'mappings:write',
    params: IdParam,
    response: ShadowRun,
    handle: ({ deps, caller, params }) => cancelShadow(deps, caller, params.id),
  }),
];
