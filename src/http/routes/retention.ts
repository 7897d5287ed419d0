import { getRetention } from '../../app/flows/get-retention.ts';
import { putRetention, Retention } from '../../app/flows/put-retention.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/retention',
    summary: 'How long each kind of data is kept, in days.',
    permission: 'settings:read',
    etag: true,
    response: Retention,
    handle: ({ deps, caller }) => getRetention(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/retention',
    summary: 'Replaces how long each kind of data is kept.',
    permission: 'settings:write',
    body: Retention,
    response: Retention,
    handle: ({ deps, caller, body }) => putRetention(deps, caller, body),
  }),
];
