import * as z from 'zod';
import { addUser } from '../../app/flows/add-user.ts';
import { changeUser } from '../../app/flows/change-user.ts';
import { disableUser } from '../../app/flows/disable-user.ts';
import { listUsers } from '../../app/flows/list-users.ts';
import { showUser } from '../../app/flows/show-user.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam, Instant } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';
import { Role } from '../role.ts';

const User = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    status: z.enum(['active', 'disabled']),
    roles: z.array(Role),
    createdAt: Instant,
  })
  .meta({ id: 'User' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/users',
    summary: 'Every person.',
    permission: 'users:read',
    query: PageQuery,
    response: pageOf(User),
    handle: async ({ deps, caller, query }) => slicePage(await listUsers(deps, caller), query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/users',
    summary: 'Adds a person with roles.',
    permission: 'users:write',
    body: z.strictObject({
      name: z.string().trim().min(1).max(200),
      email: z.email().max(320).optional(),
      roles: z.array(Role).min(1),
    }),
    status: 201,
    response: User,
    handle: async ({ deps, caller, body, reply }) => {
      const user = await addUser(deps, caller, body);
      reply.headers['location'] = `/api/v1/users/${user.id}`;
      return user;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/users/{id}',
    summary: 'One person.',
    permission: 'users:read',
    params: IdParam,
    etag: true,
    response: User,
    handle: ({ deps, caller, params }) => showUser(deps, caller, params.id),
  }),
  defineRoute({
    method: 'patch',
    path: '/api/v1/users/{id}',
    summary: 'Replaces the roles of a person, or lets them in or out.',
    permission: 'users:write',
    params: IdParam,
    body: z.strictObject({
      roles: z.array(Role).min(1).optional(),
      status: z.enum(['active', 'disabled']).optional(),
    }),
    response: User,
    handle: ({ deps, caller, params, body }) =>
      changeUser(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/users/{id}:disable',
    summary: 'Disables a person, whose keys are refused at once.',
    permission: 'users:write',
    params: IdParam,
    response: User,
    handle: ({ deps, caller, params }) => disableUser(deps, caller, params.id),
  }),
];
