import { getPeopleLimits } from '../../app/flows/get-people-limits.ts';
import { PeopleLimits, putPeopleLimits } from '../../app/flows/put-people-limits.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/people-limits',
    summary: 'How many accounts or records may disappear before a person has to confirm.',
    permission: 'settings:read',
    etag: true,
    response: PeopleLimits,
    handle: ({ deps, caller }) => getPeopleLimits(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/people-limits',
    summary: 'Replaces how many accounts or records may disappear before a person has to confirm.',
    permission: 'settings:write',
    body: PeopleLimits,
    response: PeopleLimits,
    handle: ({ deps, caller, body }) => putPeopleLimits(deps, caller, body),
  }),
];
