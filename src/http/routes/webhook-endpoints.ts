import * as z from 'zod';
import { addWebhookEndpoint } from '../../app/flows/add-webhook-endpoint.ts';
import { changeWebhookEndpoint } from '../../app/flows/change-webhook-endpoint.ts';
import { listWebhookDeliveries } from '../../app/flows/list-webhook-deliveries.ts';
import { listWebhookEndpoints } from '../../app/flows/list-webhook-endpoints.ts';
import { removeWebhookEndpoint } from '../../app/flows/remove-webhook-endpoint.ts';
import { replayWebhooks } from '../../app/flows/replay-webhooks.ts';
import { rotateWebhookSecret } from '../../app/flows/rotate-webhook-secret.ts';
import { showWebhookDelivery } from '../../app/flows/show-webhook-delivery.ts';
import { showWebhookEndpoint } from '../../app/flows/show-webhook-endpoint.ts';
import { testWebhook } from '../../app/flows/test-webhook.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Instant, Open } from '../fields.ts';
import { PageQuery, pageOf, slicePage, toPage } from '../paging.ts';

const WebhookEndpoint = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    types: z.array(z.string()).meta({ description: 'Empty: events of every type.' }),
    status: z.enum(['active', 'paused', 'disabled']),
    disabledReason: z.string().nullable(),
    allowPrivateNetwork: z.boolean(),
    previousUntil: Instant.nullable().meta({
      description: 'Until then calls are signed with the secret before, too.',
    }),
    restUntil: Instant.nullable().meta({
      description:
        'The receiver did not answer, or asked for patience: nothing is sent until then.',
    }),
    failingSince: Instant.nullable(),
    deliveredAt: Instant.nullable(),
    createdAt: Instant,
    createdBy: z.string(),
    waiting: z.number().int(),
    failed: z.number().int(),
  })
  .meta({ id: 'WebhookEndpoint' });

const WithSecret = WebhookEndpoint.extend({
  secret: z.string().meta({ description: 'The signing secret, in this answer and nowhere else.' }),
});

const State = z.enum(['waiting', 'sending', 'delivered', 'failed']);

const WebhookDelivery = z
  .object({
    endpointId: z.string(),
    eventId: z.string().meta({ description: 'Sent as webhook-id: the same in every attempt.' }),
    type: z.string(),
    subject: z.string(),
    at: Instant,
    state: State,
    attempts: z.number().int(),
    dueAt: Instant.nullable(),
    lastStatus: z.number().int().nullable(),
    lastError: z.string().nullable(),
    settledAt: Instant.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

const WithCalls = WebhookDelivery.extend({
  data: Open,
  calls: z.array(
    z.object({
      number: z.number().int(),
      at: Instant,
      status: z.number().int().nullable(),
      error: z.string().nullable(),
      ms: z.number().int(),
    }),
  ),
});

const Url = z.string().min(1).max(2_000);
const Types = z.array(z.string().min(1).max(100)).max(100);
const Moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const path = '/api/v1/webhook-endpoints';

const endpoints = [
  defineRoute({
    method: 'get',
    path,
    summary: 'Every webhook endpoint, without its secret.',
    permission: 'webhooks:read',
    query: PageQuery,
    response: pageOf(WebhookEndpoint),
    handle: async ({ deps, caller, query }) =>
      slicePage(await listWebhookEndpoints(deps, caller), query),
  }),
  defineRoute({
    method: 'post',
    path,
    summary: 'Adds a webhook endpoint; its signing secret is in this answer and nowhere else.',
    permission: 'webhooks:write',
    body: z.strictObject({
      url: Url,
      description: z.string().max(200).default(''),
      types: Types.default([]),
      allowPrivateNetwork: z.boolean().default(false),
    }),
    status: 201,
    response: WithSecret,
    handle: async ({ deps, caller, body, reply }) => {
      const added = await addWebhookEndpoint(deps, caller, body);
      reply.headers['location'] = `${path}/${added.id}`;
      return added;
    },
  }),
  defineRoute({
    method: 'get',
    path: `${path}/{id}`,
    summary: 'One webhook endpoint.',
    permission: 'webhooks:read',
    params: IdParam,
    etag: true,
    response: WebhookEndpoint,
    handle: ({ deps, caller, params }) => showWebhookEndpoint(deps, caller, params.id),
  }),
  defineRoute({
    method: 'patch',
    path: `${path}/{id}`,
    summary: 'Changes, pauses, resumes or brings back a webhook endpoint.',
    permission: 'webhooks:write',
    params: IdParam,
    body: z.strictObject({
      url: Url.optional(),
      description: z.string().max(200).optional(),
      types: Types.optional(),
      allowPrivateNetwork: z.boolean().optional(),
      status: z.enum(['active', 'paused']).optional(),
    }),
    response: WebhookEndpoint,
    handle: ({ deps, caller, params, body }) =>
      changeWebhookEndpoint(deps, caller, { ...body, id: params.id }),
  }),
  defineRoute({
    method: 'delete',
    path: `${path}/{id}`,
    summary: 'Takes a webhook endpoint away with its secret and its history.',
    permission: 'webhooks:write',
    params: IdParam,
    response: WebhookEndpoint,
    handle: ({ deps, caller, params }) => removeWebhookEndpoint(deps, caller, params.id),
  }),
];

const verbs = [
  defineRoute({
    method: 'post',
    path: `${path}/{id}:test`,
    summary: 'Sends an event webhook.test now, once, and says what was answered.',
    permission: 'webhooks:write',
    params: IdParam,
    mostInFlight: 4,
    response: WithCalls,
    handle: ({ deps, caller, params }) => testWebhook(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: `${path}/{id}:rotate-secret`,
    summary: 'Makes a new signing secret; the one before signs as well for 24 hours.',
    permission: 'webhooks:write',
    params: IdParam,
    body: z.strictObject({
      now: z.boolean().default(false).meta({
        description: 'Also while the secret before still signs, which ends it at once.',
      }),
    }),
    response: WithSecret,
    handle: ({ deps, caller, params, body }) =>
      rotateWebhookSecret(deps, caller, { ...body, id: params.id }),
  }),
  defineRoute({
    method: 'post',
    path: `${path}/{id}:replay`,
    summary: 'Sends one event again, or those of a time that the endpoint did not get.',
    permission: 'webhooks:write',
    params: IdParam,
    body: z.union([
      z.strictObject({ eventId: z.string().min(1).max(100) }),
      z.strictObject({
        since: Moment,
        until: Moment.nullable().default(null),
        delivered: z
          .boolean()
          .default(false)
          .meta({ description: 'Also what the endpoint has taken already.' }),
      }),
    ]),
    status: 202,
    response: z.object({ events: z.number().int() }),
    handle: ({ deps, caller, params, body }) =>
      replayWebhooks(deps, caller, { ...body, id: params.id }),
  }),
];

const deliveries = [
  defineRoute({
    method: 'get',
    path: `${path}/{id}/deliveries`,
    summary: 'What is, or was, on its way to an endpoint; newest event first.',
    permission: 'webhooks:read',
    params: IdParam,
    query: PageQuery.extend({ state: State.optional() }),
    response: pageOf(WebhookDelivery),
    handle: async ({ deps, caller, params, query: { cursor, limit, state } }) =>
      toPage(
        await listWebhookDeliveries(deps, caller, { id: params.id, state, before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.eventId,
      ), // prettier-ignore
  }),
  defineRoute({
    method: 'get',
    path: `${path}/{id}/deliveries/{eventId}`,
    summary: 'One event on its way to one endpoint, with every call that was made.',
    permission: 'webhooks:read',
    params: IdParam.extend({ eventId: FilterText }),
    etag: true,
    response: WithCalls,
    handle: ({ deps, caller, params }) => showWebhookDelivery(deps, caller, params),
  }),
];

export const routes = [...endpoints, ...verbs, ...deliveries];
