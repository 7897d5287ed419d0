import * as z from 'zod';
import { handleFinding } from '../../app/flows/handle-finding.ts';
import { FINDING_KINDS, listFindings } from '../../app/flows/list-findings.ts';
import { showFinding } from '../../app/flows/show-finding.ts';
import { Finding } from '../../canonical/finding.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const SavedFinding = z
  .object({
    ...Finding.shape,
    firstRunId: z.string(),
    lastRunId: z.string(),
    openedAt: z.string(),
    resolvedAt: z.string().nullable(),
    accepted: z.object({ by: z.string(), reason: z.string(), until: z.string() }).nullable(),
  })
  .meta({ id: 'Finding' });

const ONE = '/api/v1/findings/{id}';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/findings',
    summary:
      'What does not agree between the systems; resolved findings only with status=resolved or status=any.',
    permission: 'findings:read',
    query: PageQuery.extend({
      kind: z.enum(FINDING_KINDS).optional(),
      subject: FilterText.optional(),
      status: z.enum([...Finding.shape.status.options, 'any']).optional(),
    }),
    response: pageOf(SavedFinding),
    handle: async ({ deps, caller, query: { cursor, limit, kind, subject, status } }) => {
      const filter = { kind, subjectId: subject, status, after: cursor, limit: limit + 1 };
      return toPage(await listFindings(deps, caller, filter), limit, (row) => row.id);
    },
  }),
  defineRoute({
    method: 'get',
    path: ONE,
    summary: 'One finding, with the records that prove it and what can be done about it.',
    permission: 'findings:read',
    params: IdParam,
    etag: true,
    response: SavedFinding.extend({
      proof: z.array(
        z.object({
          factId: z.string(),
          noun: z.string(),
          connection: z.string(),
          externalRef: z.string(),
          recordedFrom: z.string(),
        }),
      ),
      remedies: z.array(z.enum(['reassign', 'reclaim', 'buy', 'amend', 'accept'])),
    }),
    handle: ({ deps, caller, params }) => showFinding(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:assign`,
    summary: 'Names who sees to a finding; null for nobody.',
    permission: 'findings:handle',
    params: IdParam,
    body: z.strictObject({ person: z.string().min(1).max(100).nullable() }),
    response: SavedFinding,
    handle: ({ deps, caller, params, body }) =>
      handleFinding(deps, caller, { id: params.id, do: 'assign', personId: body.person }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:start`,
    summary: 'Begins with a finding; who begins sees to it where nobody does.',
    permission: 'findings:handle',
    params: IdParam,
    response: SavedFinding,
    handle: ({ deps, caller, params }) =>
      handleFinding(deps, caller, { id: params.id, do: 'start' }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:accept`,
    summary: 'Accepts a finding for a reason, until a day within a year; then it is open again.',
    permission: 'findings:handle',
    params: IdParam,
    body: z.strictObject({ reason: z.string().trim().min(1).max(4000), until: z.iso.date() }),
    response: SavedFinding,
    handle: ({ deps, caller, params, body }) =>
      handleFinding(deps, caller, { id: params.id, do: 'accept', ...body }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:reopen`,
    summary: 'Opens a finding again that was begun with or accepted.',
    permission: 'findings:handle',
    params: IdParam,
    response: SavedFinding,
    handle: ({ deps, caller, params }) =>
      handleFinding(deps, caller, { id: params.id, do: 'reopen' }),
  }),
];
