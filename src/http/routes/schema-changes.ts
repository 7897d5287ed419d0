import * as z from 'zod';
import { acceptSchema } from '../../app/flows/accept-schema.ts';
import { showSchema } from '../../app/flows/show-schema.ts';
import { defineRoute } from '../define-route.ts';
import { ConnectionParam, Instant } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const SchemaChange = z
  .object({
    id: z.string(),
    stream: z.string(),
    field: z.string(),
    kind: z.enum(['gone', 'new', 'retyped', 'locked', 'option_gone', 'option_new']),
    detail: z.string().meta({ description: 'The types before and after, or the option.' }),
    seenAt: Instant,
  })
  .meta({ id: 'SchemaChange', description: 'What a connected system describes otherwise.' });

const MappingPause = z
  .object({
    mappingId: z.string(),
    mappingVersion: z.number().int(),
    stream: z.string(),
    fieldStream: z.string(),
    field: z.string(),
    kind: z.enum(['gone', 'retyped', 'locked', 'option_gone', 'option_new']),
    expected: z.string(),
    pauses: z.boolean().meta({ description: 'False: it is shown, and nothing waits.' }),
    direction: z.enum(['inbound', 'outbound']),
    since: Instant,
  })
  .meta({
    id: 'MappingPause',
    description:
      'A mapping that waits, or that works otherwise, because a field that it reads or writes changed.',
  });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/connections/{id}/schema-changes',
    summary: 'What changed in the objects of a connection, and which mappings wait because of it.',
    permission: 'connections:read',
    params: ConnectionParam,
    query: PageQuery,
    response: pageOf(SchemaChange).extend({ paused: z.array(MappingPause) }),
    handle: async ({ deps, caller, params, query: { cursor, limit } }) => {
      const input = { connection: params.id, before: cursor, limit: limit + 1 };
      const { changes, paused } = await showSchema(deps, caller, input);
      return { ...toPage(changes, limit, (row) => row.id), paused: [...paused] };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/connections/{id}/schema-changes:accept',
    summary: 'Uses mappings again although a field that they read changed; what waited is mapped.',
    permission: 'connections:write',
    params: ConnectionParam,
    status: 202,
    response: z.object({ accepted: z.number().int() }),
    handle: ({ deps, caller, params }) => acceptSchema(deps, caller, params.id),
  }),
];
