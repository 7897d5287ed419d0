import * as z from 'zod';
import { listAudit } from '../../app/flows/list-audit.ts';
import { verifyAudit } from '../../app/flows/verify-audit.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, Instant, Open } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const AuditEvent = z
  .object({
    id: z.string(),
    at: Instant,
    actor: z.string(),
    action: z.string(),
    subjectType: z.string(),
    subjectId: z.string(),
    details: Open,
  })
  .meta({ id: 'AuditEvent' });

const Verification = z
  .object({
    ok: z.boolean().meta({ description: 'No sealed event was touched.' }),
    sealed: z.number().int(),
    unsealed: z.number().int().meta({ description: 'Events that wait for the sealer.' }),
    firstBad: Open.nullable(),
    head: Open.nullable(),
  })
  .meta({ id: 'AuditVerification' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/audit-events',
    summary: 'Who did what, newest first.',
    permission: 'audit:read',
    query: PageQuery.extend({ subject: FilterText.optional(), actor: FilterText.optional() }),
    response: pageOf(AuditEvent),
    handle: async ({ deps, caller, query: { cursor, limit, subject, actor } }) =>
      toPage(
        await listAudit(deps, caller, { subject, actor, before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/audit-events:verify',
    summary: 'Checks the whole audit against its hashes and signed heads.',
    permission: 'audit:read',
    response: Verification,
    handle: ({ deps, caller }) => verifyAudit(deps, caller),
  }),
];
