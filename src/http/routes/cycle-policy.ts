import { getCyclePolicy } from '../../app/flows/get-cycle-policy.ts';
import { CyclePolicy, putCyclePolicy } from '../../app/flows/put-cycle-policy.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/cycle-policy',
    summary: 'Who signs reconciliation cycles, and from when on what was read is stale.',
    permission: 'settings:read',
    etag: true,
    response: CyclePolicy,
    handle: ({ deps, caller }) => getCyclePolicy(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/cycle-policy',
    summary: 'Replaces who signs reconciliation cycles, and from when on what was read is stale.',
    permission: 'settings:write',
    body: CyclePolicy,
    response: CyclePolicy,
    handle: ({ deps, caller, body }) => putCyclePolicy(deps, caller, body),
  }),
];
