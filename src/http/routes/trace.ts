import * as z from 'zod';
import { traceId } from '../../app/flows/trace-id.ts';
import { defineRoute } from '../define-route.ts';

const Hop = z.object({
  kind: z.string(),
  system: z.string(),
  object: z.string(),
  id: z.string(),
  at: z.string(),
  summary: z.string(),
  mapping: z.object({ id: z.string(), version: z.number().int() }).nullable(),
  rules: z.record(z.string(), z.number().int()).nullable(),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/trace',
    summary: 'The way of one record through every system, by an id of any of them.',
    permission: 'trace:read',
    query: z.strictObject({ id: z.string().min(1).max(400) }),
    response: z.object({ id: z.string(), hops: z.array(Hop) }).meta({ id: 'Trace' }),
    handle: ({ deps, caller, query }) => traceId(deps, caller, query.id),
  }),
];
