import * as z from 'zod';
import { listUsageDefinitions } from '../../app/flows/list-usage-definitions.ts';
import {
  publishUsageDefinition,
  UsageDefinition,
} from '../../app/flows/publish-usage-definition.ts';
import { defineRoute } from '../define-route.ts';
import { Instant, Open, Slug } from '../fields.ts';
import { pageOf, PageQuery, slicePage } from '../paging.ts';

const Published = z.object({
  name: z.string(),
  version: z.number().int(),
  fromDay: z.string().nullable(),
  document: Open,
  publishedAt: Instant,
  publishedBy: z.string(),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/usage-definitions',
    summary: 'What is counted of events of use: every version of every definition.',
    permission: 'telemetry:read',
    query: PageQuery,
    response: pageOf(Published),
    handle: async ({ deps, caller, query }) =>
      slicePage(await listUsageDefinitions(deps, caller), query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/usage-definitions',
    summary: 'Publishes the next version of a definition; what it changes is counted anew.',
    permission: 'telemetry:define',
    body: UsageDefinition.extend({ name: Slug }),
    status: 201,
    response: Published,
    handle: ({ deps, caller, body: { name, ...document } }) =>
      publishUsageDefinition(deps, caller, { name, document }),
  }),
];
