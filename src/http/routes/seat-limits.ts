import { getSeatLimits } from '../../app/flows/get-seat-limits.ts';
import { putSeatLimits, SeatLimits } from '../../app/flows/put-seat-limits.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/seat-limits',
    summary: 'How many seats may be taken from people without another person’s word.',
    permission: 'settings:read',
    etag: true,
    response: SeatLimits,
    handle: ({ deps, caller }) => getSeatLimits(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/seat-limits',
    summary: 'Replaces how many seats may be taken from people without another person’s word.',
    permission: 'settings:write',
    body: SeatLimits,
    response: SeatLimits,
    handle: ({ deps, caller, body }) => putSeatLimits(deps, caller, body),
  }),
];
