import * as z from 'zod';
import { showStatus } from '../../app/flows/show-status.ts';
import { defineRoute } from '../define-route.ts';
import { Instant, Open } from '../fields.ts';

const Me = z.object({
  tenantId: z.string(),
  personId: z.string(),
  personName: z.string(),
  keyId: z.string().nullable(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
});

const Status = z
  .object({
    connections: z.array(z.object({ id: z.string(), status: z.string(), mode: z.string() })),
    changeListeners: z.array(
      z.object({
        connection: z.string(),
        state: z.enum(['listening', 'broken']),
        reason: z.string().nullable(),
        since: Instant,
      }),
    ),
    intents: z.record(z.string(), z.number().int()),
    openErrors: z.number().int(),
    waitingWrites: z.number().int(),
    openIncidents: z.number().int(),
    openPeopleHolds: z.number().int(),
    waiting: z
      .object({
        plans: z.number().int(),
        reviews: z.number().int(),
        heldRuns: z.number().int(),
        conflicts: z.number().int(),
        overdueConflicts: z.number().int(),
        mappingRequests: z.number().int(),
      })
      .meta({ description: 'What goes on only once a person has said so.' }),
    stuckWork: z.array(
      z.object({
        job: z.string(),
        key: z.string(),
        attempts: z.number().int(),
        error: z.string(),
        requestedAt: Instant,
      }),
    ),
    latestReconciliation: Open.nullable(),
  })
  .meta({ id: 'Status' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/status',
    summary: 'What needs a person today, in counts.',
    permission: 'status:read',
    response: Status,
    handle: ({ deps, caller }) => showStatus(deps, caller),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/me',
    summary: 'Whose key this is, and what it may do.',
    permission: 'status:read',
    response: Me,
    handle: async ({ caller }) => caller,
  }),
];
