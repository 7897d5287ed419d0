import * as z from 'zod';
import { listEntitlements } from '../../app/flows/list-entitlements.ts';
import { showEntitlement } from '../../app/flows/show-entitlement.ts';
import { Entitlement } from '../../canonical/entitlement.ts';
import { EntitlementTransaction } from '../../canonical/entitlement-transaction.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Open } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/entitlements',
    summary: 'Entitlements in the order of their references, with the rights in force today.',
    permission: 'entitlements:read',
    query: PageQuery.extend({
      status: Entitlement.shape.status.optional(),
      posture: Entitlement.shape.posture.optional(),
      owner: FilterText.optional(),
      deal: FilterText.optional(),
    }),
    response: pageOf(Entitlement.extend({ rightsInForce: z.string() }).meta({ id: 'Entitlement' })),
    handle: async ({ deps, caller, query: { cursor, limit, status, posture, owner, deal } }) => {
      const filter = {
        status,
        posture,
        ownerRef: owner,
        dealRef: deal,
        after: cursor,
        limit: limit + 1,
      };
      return toPage(await listEntitlements(deps, caller, filter), limit, (row) => row.externalRef);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/entitlements/{id}',
    summary: 'One entitlement with every transaction that gave or took rights of it.',
    permission: 'entitlements:read',
    params: IdParam,
    etag: true,
    response: z.object({
      entitlement: Entitlement,
      transactions: z.array(EntitlementTransaction),
      order: Open.nullable(),
    }),
    handle: ({ deps, caller, params }) => showEntitlement(deps, caller, params.id),
  }),
];
