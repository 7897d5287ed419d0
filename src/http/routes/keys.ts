import * as z from 'zod';
import { createKey } from '../../app/flows/create-key.ts';
import { listKeys } from '../../app/flows/list-keys.ts';
import { revokeKey } from '../../app/flows/revoke-key.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam, Instant } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';
import { Role } from '../role.ts';

const Key = z
  .object({
    id: z.string(),
    personId: z.string(),
    label: z.string(),
    roles: z.array(Role),
    createdAt: Instant,
    createdBy: z.string(),
    expiresAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
    lastUsedAt: Instant.nullable(),
  })
  .meta({ id: 'Key' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/keys',
    summary: 'Every API key, without its secret.',
    permission: 'keys:read',
    query: PageQuery,
    response: pageOf(Key),
    handle: async ({ deps, caller, query }) => slicePage(await listKeys(deps, caller), query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/keys',
    summary: 'Makes an API key for a person; its text is in this answer and nowhere else.',
    permission: 'keys:write',
    body: z.strictObject({
      personId: z.string().min(1).max(100),
      label: z.string().max(200).default(''),
      roles: z.array(Role).min(1).optional(),
      expiresAt: z.iso
        .datetime({ offset: true })
        .transform((text) => new Date(text))
        .optional(),
    }),
    status: 201,
    response: Key.extend({ text: z.string().meta({ description: 'The key itself.' }) }),
    handle: ({ deps, caller, body }) => createKey(deps, caller, body),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/keys/{id}:revoke',
    summary: 'Revokes an API key at once.',
    permission: 'keys:write',
    params: IdParam,
    response: Key,
    handle: ({ deps, caller, params }) => revokeKey(deps, caller, params.id),
  }),
];
