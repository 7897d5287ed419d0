import * as z from 'zod';
import { createTenant } from '../../app/flows/create-tenant.ts';
import { listTenants } from '../../app/flows/list-tenants.ts';
import { defineRoute } from '../define-route.ts';
import { Instant, Slug } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';

const Tenant = z.object({ id: Slug, name: z.string(), createdAt: Instant }).meta({ id: 'Tenant' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/tenants',
    summary: 'Every company of this installation.',
    permission: 'tenants:read',
    query: PageQuery,
    response: pageOf(Tenant),
    handle: async ({ deps, caller, query }) => slicePage(await listTenants(deps, caller), query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/tenants',
    summary:
      'Adds a company with its first administrator, whose key is in this answer and nowhere else.',
    permission: 'tenants:write',
    body: z.strictObject({
      id: Slug,
      name: z.string().trim().min(1).max(200),
      admin: z.strictObject({
        name: z.string().trim().min(1).max(200),
        email: z.email().max(320).optional(),
      }),
    }),
    status: 201,
    response: Tenant.extend({
      admin: z.object({ id: z.string(), name: z.string() }),
      key: z.object({ id: z.string(), text: z.string().meta({ description: 'The key itself.' }) }),
    }),
    handle: ({ deps, caller, body }) => createTenant(deps, caller, body),
  }),
];
