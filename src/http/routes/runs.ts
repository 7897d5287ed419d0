import * as z from 'zod';
import { listRuns } from '../../app/flows/list-runs.ts';
import { showRun } from '../../app/flows/show-run.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam, Instant, Slug } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const count = z.number().int();

const Certificate = z
  .object({
    stream: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    method: z.string(),
    sourceCount: count.nullable(),
    distinctIds: count,
    movedOut: count,
    missingIds: z.array(z.string()),
    closed: z.boolean().nullable(),
  })
  .meta({
    id: 'Certificate',
    description: 'The proof that a read was complete; `closed` null is never green.',
  });

const RunStream = z.object({
  stream: z.string(),
  status: z.enum(['waiting', 'reading', 'read', 'succeeded', 'failed']),
  pages: count,
  unmappedPages: count,
  landed: count,
  created: count,
  updated: count,
  unchanged: count,
  superseded: count,
  rejected: count,
  quarantined: count,
  certificate: Certificate.nullable(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
});

const Run = z
  .object({
    id: z.string(),
    connection: z.string(),
    trigger: z.enum(['person', 'schedule', 'hook']),
    requestedBy: z.string(),
    full: z.boolean(),
    status: z.enum(['running', 'succeeded', 'failed']),
    startedAt: Instant,
    finishedAt: Instant.nullable(),
    streams: z.array(RunStream),
  })
  .meta({ id: 'Run' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/runs',
    summary: 'Runs, newest first.',
    permission: 'runs:read',
    query: PageQuery.extend({ connection: Slug.optional() }),
    response: pageOf(Run),
    handle: async ({ deps, caller, query: { cursor, limit, connection } }) =>
      toPage(
        await listRuns(deps, caller, { connection, before: cursor, limit: limit + 1 }),
        limit,
        (run) => run.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/runs/{id}',
    summary: 'One run with the sums and certificates of its streams.',
    permission: 'runs:read',
    params: IdParam,
    etag: true,
    response: Run,
    handle: ({ deps, caller, params }) => showRun(deps, caller, params.id),
  }),
];
