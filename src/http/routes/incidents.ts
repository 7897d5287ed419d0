import * as z from 'zod';
import { exportIncident } from '../../app/flows/export-incident.ts';
import { handleIncident, INCIDENT_CAUSES } from '../../app/flows/handle-incident.ts';
import { listIncidents, showIncident } from '../../app/flows/list-incidents.ts';
import {
  getIncidentPolicy,
  IncidentPolicy,
  putIncidentPolicy,
} from '../../app/flows/put-incident-policy.ts';
import { defineRoute } from '../define-route.ts';
import { MoneyShape } from '../error-shapes.ts';
import { FilterText, IdParam, Instant, Open } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Severity = z.enum(['low', 'medium', 'high']);
const Status = z.enum(['open', 'closed']);

const Incident = z
  .object({
    id: z.string(),
    kind: z.string(),
    key: z.string().meta({ description: 'What it is about, within its kind.' }),
    title: z.string(),
    severity: Severity,
    status: Status,
    times: z.number().int(),
    money: z.array(MoneyShape).meta({ description: 'The most that was at stake.' }),
    refs: z.array(z.object({ type: z.string(), id: z.string() })),
    owner: z.object({ id: z.string(), name: z.string() }).nullable(),
    escalated: z.number().int().meta({ description: 'Steps of the escalation that were taken.' }),
    ackedAt: Instant.nullable(),
    ackedBy: z.string().nullable(),
    openedAt: Instant,
    seenAt: Instant,
    clearedAt: Instant.nullable().meta({ description: 'When its condition was gone.' }),
    closedAt: Instant.nullable(),
    closedBy: z.string().nullable().meta({ description: 'Null where it closed by itself.' }),
    cause: z.string().nullable(),
    causeText: z.string().nullable(),
  })
  .meta({
    id: 'Incident',
    description: 'Something that needs people, from when it was seen until its cause is known.',
  });

const Event = z.object({
  id: z.string(),
  at: Instant,
  kind: z.string(),
  actor: z.string(),
  text: z.string(),
  details: Open,
});

const Action = z.object({
  id: z.string(),
  at: Instant,
  actor: z.string(),
  action: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
});

const Words = z.string().trim().min(1).max(4000);
const ONE = '/api/v1/incidents/{id}';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/incidents',
    summary: 'What needs people or did, newest first.',
    permission: 'incidents:read',
    query: PageQuery.extend({
      status: Status.optional(),
      kind: FilterText.optional(),
      severity: Severity.optional(),
      owner: FilterText.optional(),
    }),
    response: pageOf(Incident),
    handle: async ({ deps, caller, query: { cursor, limit, ...filter } }) =>
      toPage(
        await listIncidents(deps, caller, { ...filter, before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: ONE,
    summary: 'One incident with its timeline.',
    permission: 'incidents:read',
    params: IdParam,
    etag: true,
    response: Incident.extend({ timeline: z.array(Event) }),
    handle: ({ deps, caller, params }) => showIncident(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: `${ONE}/narrative`,
    summary:
      'One incident told from beginning to end, with what the audit knows was done meanwhile; as text with Accept: text/markdown.',
    permission: 'incidents:read',
    params: IdParam,
    etag: true,
    response: z.object({
      incident: Incident,
      timeline: z.array(Event),
      actions: z
        .array(Action)
        .nullable()
        .meta({ description: 'By the audit; null for who may not read it.' }),
      people: z.record(z.string(), z.string()),
      minutes: z.number().int().nullable(),
      markdown: z.string(),
    }),
    texts: {
      'text/markdown': (answer) => z.object({ markdown: z.string() }).parse(answer).markdown,
    },
    handle: ({ deps, caller, params }) => exportIncident(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:ack`,
    summary: 'Takes notice of an incident: nobody else is told for now.',
    permission: 'incidents:write',
    params: IdParam,
    response: Incident,
    handle: ({ deps, caller, params }) =>
      handleIncident(deps, caller, { id: params.id, do: 'acknowledge' }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:assign`,
    summary: 'Names who sees to an incident; null for nobody.',
    permission: 'incidents:write',
    params: IdParam,
    body: z.strictObject({ person: z.string().min(1).max(100).nullable() }),
    response: Incident,
    handle: ({ deps, caller, params, body }) =>
      handleIncident(deps, caller, { id: params.id, do: 'assign', personId: body.person }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:comment`,
    summary: 'Adds words to the timeline of an incident.',
    permission: 'incidents:write',
    params: IdParam,
    body: z.strictObject({ text: Words }),
    response: Incident,
    handle: ({ deps, caller, params, body }) =>
      handleIncident(deps, caller, { id: params.id, do: 'comment', text: body.text }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:close`,
    summary: 'Closes an incident with its cause. One that lasts is mended first.',
    permission: 'incidents:write',
    params: IdParam,
    body: z.strictObject({ cause: z.enum(INCIDENT_CAUSES), text: Words }),
    response: Incident,
    handle: ({ deps, caller, params, body }) =>
      handleIncident(deps, caller, { id: params.id, do: 'close', ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/incident-policy',
    summary: 'Who sees to incidents, and who is told next.',
    permission: 'settings:read',
    etag: true,
    response: IncidentPolicy,
    handle: ({ deps, caller }) => getIncidentPolicy(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/incident-policy',
    summary: 'Replaces who sees to incidents, and who is told next.',
    permission: 'settings:write',
    body: IncidentPolicy,
    response: IncidentPolicy,
    handle: ({ deps, caller, body }) => putIncidentPolicy(deps, caller, body),
  }),
];
