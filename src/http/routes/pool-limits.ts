import { getPoolLimits } from '../../app/flows/get-pool-limits.ts';
import { PoolLimits, putPoolLimits } from '../../app/flows/put-pool-limits.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/pool-limits',
    summary: 'What a request for a seat meets at the limits of its pool.',
    permission: 'settings:read',
    etag: true,
    response: PoolLimits,
    handle: ({ deps, caller }) => getPoolLimits(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/pool-limits',
    summary: 'Replaces what a request for a seat meets at the limits of its pool.',
    permission: 'settings:write',
    body: PoolLimits,
    response: PoolLimits,
    handle: ({ deps, caller, body }) => putPoolLimits(deps, caller, body),
  }),
];
