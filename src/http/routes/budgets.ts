import * as z from 'zod';
import { getBudget } from '../../app/flows/get-budget.ts';
import { putBudget } from '../../app/flows/put-budget.ts';
import { defineRoute } from '../define-route.ts';
import { ConnectionParam, Instant, Slug } from '../fields.ts';

const count = z.number().int();

const Settings = {
  dailyCalls: count.min(1).max(1_000_000_000).nullable().default(null).meta({
    description: 'Calls that Trueup makes per day (UTC) at most; null: no limit of ours.',
  }),
  reservePercent: count
    .min(0)
    .max(90)
    .default(10)
    .meta({ description: 'What reading leaves of the calls for closed-won deals.' }),
  concurrency: count.min(1).max(100).nullable().default(null).meta({
    description: 'Calls in flight at most, over all processes; null: what the connector allows.',
  }),
};

const Budget = z
  .object({
    connection: Slug,
    dailyCalls: count.nullable(),
    reservePercent: count,
    concurrency: count.nullable(),
    usedToday: count,
    readableCalls: count.nullable(),
    resetsAt: Instant,
    vendor: z.object({ used: count, limit: count, seenAt: Instant }).nullable(),
    usedRatio: z.number().nullable(),
  })
  .meta({
    id: 'CallBudget',
    description: 'What a connection may use of its system, and has used.',
  });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/connections/{id}/budget',
    summary: 'The call budget of a connection, and what is used of it today.',
    permission: 'connections:read',
    params: ConnectionParam,
    etag: true,
    response: Budget,
    handle: ({ deps, caller, params }) => getBudget(deps, caller, params.id),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/connections/{id}/budget',
    summary: 'Replaces the call budget; what is left out goes back to its default.',
    permission: 'connections:write',
    params: ConnectionParam,
    body: z.strictObject(Settings),
    response: Budget,
    handle: ({ deps, caller, params, body }) => putBudget(deps, caller, params.id, body),
  }),
];
