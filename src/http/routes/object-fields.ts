import * as z from 'zod';
import {
  describeFields,
  describeMapping,
  describeOurFields,
} from '../../app/flows/describe-fields.ts';
import { defineRoute } from '../define-route.ts';
import { ConnectionParam, Instant, Slug } from '../fields.ts';
import { MappingParam } from '../mapping-shapes.ts';
import { describePushed } from '../scim/describe-pushed.ts';

const Side = z
  .object({
    connection: z.string().nullable(),
    object: z.string(),
    label: z.string(),
    asOf: Instant.nullable().meta({
      description: 'When the system said so; null for what Trueup itself defines.',
    }),
    live: z.boolean().meta({ description: 'False where the system could not be asked now.' }),
    note: z.string().nullable(),
    fields: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        type: z.string(),
        required: z.boolean(),
        readOnly: z.boolean(),
        custom: z.boolean(),
        key: z.boolean(),
        picklist: z.array(z.string()),
        reference: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'DescribedObject' });

const ObjectName = z.string().min(1).max(200);

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/connections/{id}/objects/{object}/fields',
    summary: 'The fields of an object; as the system described them last where it cannot be asked.',
    permission: 'connections:read',
    params: ConnectionParam.extend({ object: ObjectName }),
    response: Side,
    handle: ({ deps, caller, params }) =>
      describeFields(deps, caller, {
        connection: params.id,
        object: params.object,
        pushed: describePushed,
      }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/nouns/{object}/fields',
    summary: 'The fields of a canonical noun, or of a document that outbound mappings read.',
    permission: 'mappings:read',
    params: z.strictObject({ object: ObjectName }),
    response: Side,
    handle: ({ params }) => describeOurFields(params.object),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings/{id}/fields',
    summary:
      'Both sides of a mapping: the fields that its rows may read, and those that they fill.',
    permission: 'mappings:read',
    params: MappingParam,
    query: z.strictObject({ connection: Slug.optional() }),
    response: z.object({ source: Side, target: Side }),
    handle: ({ deps, caller, params, query }) =>
      describeMapping(deps, caller, { ...query, id: params.id, pushed: describePushed }),
  }),
];
