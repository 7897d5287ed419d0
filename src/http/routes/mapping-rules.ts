import { getMappingRules } from '../../app/flows/get-mapping-rules.ts';
import { MappingRules, putMappingRules } from '../../app/flows/put-mapping-rules.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/mapping-rules',
    summary: 'How mappings come into effect: whether a second person has to approve them.',
    permission: 'settings:read',
    etag: true,
    response: MappingRules,
    handle: ({ deps, caller }) => getMappingRules(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/mapping-rules',
    summary: 'Replaces how mappings come into effect.',
    permission: 'settings:write',
    body: MappingRules,
    response: MappingRules,
    handle: ({ deps, caller, body }) => putMappingRules(deps, caller, body),
  }),
];
