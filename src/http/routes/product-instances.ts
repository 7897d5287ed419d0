import * as z from 'zod';
import { listProductInstances } from '../../app/flows/list-product-instances.ts';
import { registerProductInstance } from '../../app/flows/register-product-instance.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam, Instant } from '../fields.ts';
import { pageOf, PageQuery, toPage } from '../paging.ts';

const Registered = z.object({
  id: z.string(),
  posture: z.enum(['licensor', 'licensee']),
  skuCode: z.string(),
  customerRef: z.string().nullable(),
  environment: z.enum(['prod', 'nonprod']),
  registeredAt: Instant,
  registeredBy: z.string(),
});

const NewInstance = z.strictObject({
  /** As its events name it. */
  id: IdParam.shape.id.max(255),
  posture: z.enum(['licensor', 'licensee']).default('licensor'),
  skuCode: z.string().min(1).max(120),
  customerRef: z.string().min(1).max(255).nullable().default(null),
  environment: z.enum(['prod', 'nonprod']).default('prod'),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/product-instances',
    summary: 'Copies of products that report use, by the id under which they report.',
    permission: 'telemetry:read',
    query: PageQuery,
    response: pageOf(Registered),
    handle: async ({ deps, caller, query: { cursor, limit } }) =>
      toPage(
        await listProductInstances(deps, caller, { after: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/product-instances',
    summary: 'Says whose a product instance is; use that it reported before counts from now on.',
    permission: 'telemetry:define',
    body: NewInstance,
    status: 201,
    response: Registered,
    handle: ({ deps, caller, body }) => registerProductInstance(deps, caller, body),
  }),
];
