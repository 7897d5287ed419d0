import * as z from 'zod';
import { addConnection } from '../../app/flows/add-connection.ts';
import { changeConnection } from '../../app/flows/change-connection.ts';
import { checkConnection } from '../../app/flows/check-connection.ts';
import { describeObject } from '../../app/flows/describe-object.ts';
import { getConnection } from '../../app/flows/get-connection.ts';
import { listConnections } from '../../app/flows/list-connections.ts';
import { listObjects } from '../../app/flows/list-objects.ts';
import { removeConnection } from '../../app/flows/remove-connection.ts';
import { rotateSecrets } from '../../app/flows/rotate-secrets.ts';
import { startPull } from '../../app/flows/start-pull.ts';
import { defineRoute } from '../define-route.ts';
import { ConnectionParam, Instant, Open, Slug } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';
import { describePushed } from '../scim/describe-pushed.ts';

const Check = z.object({
  name: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  fix: z.string().nullable(),
});

/** No secret is in here, and none can be: the answer is cut down to these members. */
const Connection = z
  .object({
    id: Slug,
    connector: z.string(),
    role: z.enum(['crm', 'erp', 'directory', 'file', 'usage', 'assets']),
    config: Open,
    mode: z.enum(['read-only', 'read-write']),
    status: z.enum(['unchecked', 'ok', 'reauth_required', 'paused', 'removed']),
    allowPrivateNetwork: z.boolean(),
    secretFields: z.array(z.string()),
    takesPushes: z.boolean(),
    pushed: z.boolean().meta({
      description:
        'Whether it is a directory that its identity provider pushes to /scim/v2; nothing is read from it.',
    }),
    checks: z.array(Check),
    checkedAt: Instant.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'Connection' });

const Secrets = z.record(z.string().max(100), z.string().max(100_000));

const Trial = z.object({
  check: z.boolean().default(true).meta({ description: 'Sign in before keeping it.' }),
  force: z
    .boolean()
    .default(false)
    .meta({ description: 'Keep it even if nobody can sign in or read now.' }),
});

const NewConnection = z.strictObject({
  name: Slug,
  connector: z.string(),
  config: z.record(z.string(), z.json()).default({}),
  secrets: Secrets.default({}).meta({ description: 'Sealed at once and never given back.' }),
  allowPrivateNetwork: z.boolean().default(false),
  ...Trial.shape,
});

const Field = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  required: z.boolean(),
  readOnly: z.boolean(),
  custom: z.boolean(),
  key: z.boolean(),
  picklist: z.array(z.string()),
  reference: z.string().nullable(),
});

const collection = [
  defineRoute({
    method: 'get',
    path: '/api/v1/connections',
    summary: 'Every connection.',
    permission: 'connections:read',
    query: PageQuery,
    response: pageOf(Connection),
    handle: async ({ deps, caller, query }) =>
      slicePage(await listConnections(deps, caller), query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/connections',
    summary: 'Adds a connection, read-only, after signing in with it.',
    permission: 'connections:write',
    body: NewConnection,
    status: 201,
    response: Connection,
    handle: async ({ deps, caller, body, reply }) => {
      const added = await addConnection(deps, caller, body);
      reply.headers['location'] = `/api/v1/connections/${added.id}`;
      return added;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/connections/{id}',
    summary: 'One connection with the outcome of its last check.',
    permission: 'connections:read',
    params: ConnectionParam,
    etag: true,
    response: Connection,
    handle: ({ deps, caller, params }) => getConnection(deps, caller, params.id),
  }),
  defineRoute({
    method: 'patch',
    path: '/api/v1/connections/{id}',
    summary:
      'Opens a connection for writing or closes it, pauses or resumes it, or changes its settings after a trial.',
    permission: 'connections:write',
    params: ConnectionParam,
    body: z.strictObject({
      mode: z.enum(['read-only', 'read-write']).optional(),
      paused: z.boolean().optional(),
      config: z
        .record(z.string(), z.json())
        .optional()
        .meta({ description: 'Settings to change; the others stay, and null takes one away.' }),
      allowPrivateNetwork: z.boolean().optional(),
      ...Trial.shape,
    }),
    response: Connection,
    handle: ({ deps, caller, params, body }) =>
      changeConnection(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'delete',
    path: '/api/v1/connections/{id}',
    summary:
      'Removes a connection for good: what it read stays, its secrets and schedule go, its name is not free again.',
    permission: 'connections:write',
    params: ConnectionParam,
    query: z.strictObject({
      giveUp: z.string().trim().min(1).max(1_000).optional().meta({
        description:
          'Why nobody waits any more to hear what became of its writes; without it they have to be settled first.',
      }),
    }),
    response: Connection,
    handle: ({ deps, caller, params, query: { giveUp } }) =>
      removeConnection(deps, caller, { id: params.id, giveUp }),
  }),
];

const verbs = [
  defineRoute({
    method: 'post',
    path: '/api/v1/connections/{id}:check',
    summary: 'Signs in anew and tries every right, field and limit.',
    permission: 'connections:write',
    params: ConnectionParam,
    response: Connection,
    handle: ({ deps, caller, params }) => checkConnection(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/connections/{id}:rotate',
    summary: 'Replaces secrets after signing in with the new ones.',
    permission: 'connections:write',
    params: ConnectionParam,
    body: z.strictObject({ secrets: Secrets, check: z.boolean().default(true) }),
    response: Connection,
    handle: ({ deps, caller, params, body }) =>
      rotateSecrets(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/connections/{id}:pull',
    summary: 'Starts a run that reads the connection; look at /api/v1/runs/{id}.',
    permission: 'runs:write',
    params: ConnectionParam,
    body: z.strictObject({
      streams: z.array(z.string().min(1).max(200)).min(1).optional(),
      full: z.boolean().default(false),
      prove: z.boolean().default(false).meta({
        description: 'Compare everything by ids and stamps, and read only what differs.',
      }),
    }),
    status: 202,
    response: z.object({ runId: z.string() }),
    handle: async ({ deps, caller, params, body, reply }) => {
      const started = await startPull(deps, caller, { connection: params.id, ...body });
      reply.headers['location'] = `/api/v1/runs/${started.runId}`;
      return started;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/connections/{id}/objects',
    summary: 'What Trueup reads and writes through a connection.',
    permission: 'connections:read',
    params: ConnectionParam,
    query: PageQuery,
    response: pageOf(
      z.object({ object: z.string(), title: z.string(), reads: z.boolean(), writes: z.boolean() }),
    ),
    handle: async ({ deps, caller, params, query }) =>
      slicePage(await listObjects(deps, caller, params.id), query),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/connections/{id}/objects/{object}',
    summary: 'The fields of an object, as the connected system describes them now.',
    permission: 'connections:read',
    params: ConnectionParam.extend({ object: z.string().min(1).max(200) }),
    response: z.object({ object: z.string(), label: z.string(), fields: z.array(Field) }),
    handle: ({ deps, caller, params }) =>
      describeObject(deps, caller, {
        connection: params.id,
        object: params.object,
        pushed: describePushed,
      }),
  }),
];

export const routes = [...collection, ...verbs];
