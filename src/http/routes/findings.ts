import * as z from 'zod';
import { FINDING_KINDS, listFindings } from '../../app/flows/list-findings.ts';
import { Finding } from '../../canonical/finding.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const SavedFinding = z
  .object({
    ...Finding.shape,
    firstRunId: z.string(),
    lastRunId: z.string(),
    openedAt: z.string(),
    resolvedAt: z.string().nullable(),
  })
  .meta({ id: 'Finding' });

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
];
