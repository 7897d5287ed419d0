import * as z from 'zod';
import {
  linkIdentity,
  listIdentityLinks,
  undoIdentityLink,
} from '../../app/flows/link-identity.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, Slug } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';

const Method = z.enum(['externalId', 'employeeNumber', 'verifiedEmail', 'alias', 'manual']);
const Ref = z.string().min(1).max(400);
const Reason = z.string().trim().min(1).max(2000);

const IdentityLink = z
  .object({
    accountConnection: z.string(),
    accountRef: z.string(),
    personRef: z.string(),
    method: Method,
    confidence: z.number(),
    decidedBy: z.string(),
    evidence: z.array(z.string()),
  })
  .meta({ id: 'IdentityLink', description: 'Who a login is held to be, and why.' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/identity-links',
    summary: 'Who every login is held to be, by which rule or whose word.',
    permission: 'people:read',
    query: PageQuery.extend({
      connection: FilterText.optional(),
      account: Ref.optional(),
      person: Ref.optional(),
      method: Method.optional(),
    }),
    response: pageOf(IdentityLink),
    handle: async ({ deps, caller, query }) =>
      slicePage(await listIdentityLinks(deps, caller, query), query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/identity-links',
    summary: 'Says whose a login is, against every rule; null: of nobody else.',
    permission: 'people:decide',
    body: z.strictObject({
      connection: Slug,
      account: Ref,
      person: Ref.nullable(),
      reason: Reason,
    }),
    status: 201,
    response: IdentityLink,
    handle: ({ deps, caller, body }) => linkIdentity(deps, caller, body),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/identity-links:undo',
    summary: 'Takes back what a person said about a login: the rules decide again.',
    permission: 'people:decide',
    body: z.strictObject({ connection: Slug, account: Ref, reason: Reason }),
    response: IdentityLink,
    handle: ({ deps, caller, body }) => undoIdentityLink(deps, caller, body),
  }),
];
