import * as z from 'zod';
import { requestSync } from '../../app/flows/request-sync.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'post',
    path: '/api/v1/sync/{job}',
    summary: 'Starts a sync of the whole company now, instead of at its next time.',
    permission: 'sync:run',
    params: z.strictObject({ job: z.string().min(1).max(100) }),
    status: 202,
    response: z.object({ job: z.string() }),
    handle: ({ deps, caller, params }) => requestSync(deps, caller, params.job),
  }),
];
