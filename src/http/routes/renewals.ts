import * as z from 'zod';
import { listRenewals } from '../../app/flows/list-renewals.ts';
import { RenewalTerm } from '../../canonical/renewal-term.ts';
import { defineRoute } from '../define-route.ts';
import { offsetOf, PageQuery, pageOf, toPage } from '../paging.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/renewals',
    summary: 'Renewals in the order of their notice deadlines.',
    permission: 'renewals:read',
    query: PageQuery.extend({ withinDays: z.coerce.number().int().min(0).max(36_500).optional() }),
    response: pageOf(RenewalTerm.meta({ id: 'RenewalTerm' })),
    handle: async ({ deps, caller, query: { cursor, limit, withinDays } }) => {
      const offset = offsetOf(cursor);
      const rows = await listRenewals(deps, caller, { withinDays, limit: offset + limit + 1 });
      return toPage(rows.slice(offset), limit, (_row, at) => String(offset + at + 1));
    },
  }),
];
