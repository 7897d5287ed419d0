import * as z from 'zod';
import { receiveEvents } from '../../app/flows/receive-events.ts';
import { cloudEventsOf } from '../cloud-events.ts';
import { defineRoute } from '../define-route.ts';

const BODY_LIMIT = 4 * 1024 * 1024;
/** Bodies that a process holds at a time: at most 64 MB of them. */
const MOST_IN_FLIGHT = 16;

const Rejected = z.object({
  index: z.number().int(),
  id: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
});

export const routes = [
  defineRoute({
    method: 'post',
    path: '/api/v1/events',
    summary:
      'Takes events of use as CloudEvents 1.0: batched, structured, or binary. Each is accepted or rejected by itself.',
    permission: 'telemetry:write',
    rawBodyLimit: BODY_LIMIT,
    mostInFlight: MOST_IN_FLIGHT,
    status: 202,
    response: z.object({
      accepted: z.number().int(),
      duplicates: z.number().int(),
      rejected: z.array(Rejected),
    }),
    handle: ({ deps, caller, request }) => receiveEvents(deps, caller, cloudEventsOf(request)),
  }),
];
