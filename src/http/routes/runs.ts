import * as z from 'zod';
import { listRuns } from '../../app/flows/list-runs.ts';
import { showRun } from '../../app/flows/show-run.ts';
import { watchRun } from '../../app/flows/watch-run.ts';
import { defineEventRoute, defineRoute } from '../define-route.ts';
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
    missingCount: count,
    staleIds: z.array(z.string()),
    staleCount: count,
    caughtLate: count,
    // Runs from before these were kept have none of them.
    removed: count.default(0),
    held: count.default(0),
    holdId: z.string().nullable().default(null),
    caveats: z.array(z.string()).default([]),
    closed: z.boolean().nullable(),
  })
  .meta({
    id: 'Certificate',
    description: 'The proof that a read was complete; `closed` null is never green.',
  });

const StreamProgress = z.object({
  stream: z.string(),
  status: z.enum(['waiting', 'reading', 'read', 'parked', 'succeeded', 'failed']),
  pages: count,
  unmappedPages: count,
  landed: count,
  expected: count.nullable().meta({
    description: 'About how many records the read brings; for progress, never for proof.',
  }),
  resumeAt: Instant.nullable().meta({ description: 'When a parked stream goes on.' }),
});

const RunStream = StreamProgress.extend({
  late: count,
  created: count,
  updated: count,
  unchanged: count,
  superseded: count,
  rejected: count,
  quarantined: count,
  certificate: Certificate.nullable(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
});

const RunStatus = z.enum(['running', 'parked', 'succeeded', 'failed']);

const RunProgress = z
  .object({
    id: z.string(),
    connection: z.string(),
    status: RunStatus,
    streams: z.array(StreamProgress),
  })
  .meta({ id: 'RunProgress' });

const Run = z
  .object({
    id: z.string(),
    connection: z.string(),
    trigger: z.enum(['person', 'schedule', 'hook']),
    requestedBy: z.string(),
    full: z.boolean(),
    keysOnly: z.boolean(),
    status: RunStatus,
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
  defineEventRoute({
    method: 'get',
    path: '/api/v1/runs/{id}/events',
    summary:
      'How far a run is, as server-sent events: `progress` at each change, once a second at most, then `end` with the run.',
    permission: 'runs:read',
    params: IdParam,
    response: z.union([Run, RunProgress]),
    handle: async function* ({ deps, caller, params, request, signal }) {
      const last = request.headers['last-event-id'];
      const after = typeof last === 'string' ? last : undefined;
      for await (const moment of watchRun(deps, caller, params.id, { after, signal }))
        yield {
          id: moment.stamp,
          event: moment.kind,
          data: moment.kind === 'end' ? moment.run : moment.progress,
        };
    },
  }),
];
