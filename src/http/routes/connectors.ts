import * as z from 'zod';
import { listConnectors, showConnector } from '../../app/flows/list-connectors.ts';
import { defineRoute } from '../define-route.ts';
import { IdParam, Open } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';

const Connector = z
  .object({
    id: z.string(),
    title: z.string(),
    role: z.enum(['crm', 'erp', 'directory', 'file', 'usage', 'assets']),
    config: Open.meta({ description: 'JSON Schema of the settings.' }),
    secrets: Open.meta({ description: 'JSON Schema of the secrets, which are never given back.' }),
    streams: z.array(z.looseObject({ name: z.string(), title: z.string() })),
    writers: z.array(z.looseObject({ object: z.string(), title: z.string() })),
  })
  .meta({ id: 'Connector' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/connectors',
    summary: 'The installed connectors, with what each needs to be set up.',
    permission: 'connections:read',
    query: PageQuery,
    response: pageOf(Connector),
    handle: async ({ deps, query }) => slicePage(listConnectors(deps), query),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/connectors/{id}',
    summary: 'One installed connector.',
    permission: 'connections:read',
    params: IdParam,
    etag: true,
    response: Connector,
    handle: async ({ deps, params }) => showConnector(deps, params.id),
  }),
];
