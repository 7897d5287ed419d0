import * as z from 'zod';
import { addDirectory } from '../../app/flows/add-directory.ts';
import { listDirectories } from '../../app/flows/list-directories.ts';
import { listDirectoryTokens } from '../../app/flows/list-directory-tokens.ts';
import { revokeDirectoryToken } from '../../app/flows/revoke-directory-token.ts';
import { rotateDirectoryToken } from '../../app/flows/rotate-directory-token.ts';
import { defineRoute } from '../define-route.ts';
import { ConnectionParam, Instant, Slug } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';

const Directory = z
  .object({
    id: Slug,
    status: z.enum(['unchecked', 'ok', 'reauth_required', 'paused', 'removed']),
    users: z.number().int(),
    groups: z.number().int(),
    lastPushAt: Instant.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'Directory', description: 'A directory that its identity provider pushes.' });

const Token = z
  .object({
    id: z.string(),
    directory: Slug,
    label: z.string(),
    createdAt: Instant,
    createdBy: z.string(),
    expiresAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
    lastUsedAt: Instant.nullable(),
  })
  .meta({ id: 'DirectoryToken' });

const NewToken = Token.extend({ text: z.string().meta({ description: 'The token itself.' }) });

const Wanted = z.object({
  label: z.string().max(200).default(''),
  expiresAt: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
});

/** A month: whoever needs longer to give a provider its new token has forgotten it. */
const LONGEST_OVERLAP_S = 31 * 86_400;

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/directories',
    summary: 'Every directory that is pushed to us at /scim/v2.',
    permission: 'connections:read',
    query: PageQuery,
    response: pageOf(Directory),
    handle: async ({ deps, caller, query }) =>
      slicePage(await listDirectories(deps, caller), query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/directories',
    summary:
      'Adds a directory that its identity provider pushes; the text of its token is in this answer and nowhere else.',
    permission: 'connections:write',
    body: z.strictObject({ name: Slug, ...Wanted.shape }),
    status: 201,
    response: Directory.extend({ token: NewToken }),
    handle: async ({ deps, caller, body, reply }) => {
      const added = await addDirectory(deps, caller, body);
      reply.headers['location'] = `/api/v1/connections/${added.id}`;
      return added;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/directories/{id}/tokens',
    summary: 'The tokens of a directory, without their secrets.',
    permission: 'connections:read',
    params: ConnectionParam,
    query: PageQuery,
    response: pageOf(Token),
    handle: async ({ deps, caller, params, query }) =>
      slicePage(await listDirectoryTokens(deps, caller, params.id), query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/directories/{id}/tokens',
    summary:
      'Makes another token for a directory and ends those before it where asked; its text is in this answer and nowhere else.',
    permission: 'connections:write',
    params: ConnectionParam,
    body: z.strictObject({
      ...Wanted.shape,
      endOthersAfterSeconds: z.number().int().min(0).max(LONGEST_OVERLAP_S).optional(),
    }),
    status: 201,
    response: NewToken,
    handle: ({ deps, caller, params, body }) =>
      rotateDirectoryToken(deps, caller, { directory: params.id, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/directories/{id}/tokens/{token}:revoke',
    summary: 'Revokes a token of a directory at once.',
    permission: 'connections:write',
    params: z.strictObject({ id: Slug, token: z.string().regex(/^dtk_[0-9a-z]{26}$/) }),
    response: Token,
    handle: ({ deps, caller, params }) =>
      revokeDirectoryToken(deps, caller, { directory: params.id, token: params.token }),
  }),
];
