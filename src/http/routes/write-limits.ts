import { getWriteLimits } from '../../app/flows/get-write-limits.ts';
import { putWriteLimits, WriteLimits } from '../../app/flows/put-write-limits.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/write-limits',
    summary: 'How much a run may change in other systems without a person.',
    permission: 'settings:read',
    etag: true,
    response: WriteLimits,
    handle: ({ deps, caller }) => getWriteLimits(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/write-limits',
    summary: 'Replaces how much a run may change in other systems without a person.',
    permission: 'settings:write',
    body: WriteLimits,
    response: WriteLimits,
    handle: ({ deps, caller, body }) => putWriteLimits(deps, caller, body),
  }),
];
