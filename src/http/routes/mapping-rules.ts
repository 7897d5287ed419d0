import * as z from 'zod';
import { confirmMappingRules, declineMappingRules } from '../../app/flows/decide-mapping-rules.ts';
import { getMappingRules } from '../../app/flows/get-mapping-rules.ts';
import { MappingRules, putMappingRules } from '../../app/flows/put-mapping-rules.ts';
import { defineRoute, type ReplyHead } from '../define-route.ts';
import { IdParam, Instant } from '../fields.ts';
import { etagOf, seenBy } from '../if-match.ts';

const Rules = z
  .object({
    secondPerson: z.boolean(),
    pending: z
      .object({
        id: z.string(),
        rules: z.object({ secondPerson: z.boolean() }),
        requestedBy: z.string(),
        requestedAt: Instant,
      })
      .nullable()
      .meta({ description: 'What waits for another administrator.' }),
    notice: z.string().nullable().meta({ description: 'What the caller has to know.' }),
  })
  .meta({ id: 'MappingRules', description: 'How mappings come into effect.' });

function tagged<View extends { readonly tag: string }>(reply: ReplyHead, view: View): View {
  reply.headers['etag'] = etagOf(view.tag);
  return view;
}

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/mapping-rules',
    summary: 'How mappings come into effect: whether a second person has to approve them.',
    permission: 'settings:read',
    response: Rules,
    handle: async ({ deps, caller, reply }) => tagged(reply, await getMappingRules(deps, caller)),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/mapping-rules',
    summary:
      'Changes how mappings come into effect; with If-Match. Doing without a second person waits for another administrator (202).',
    permission: 'settings:write',
    body: MappingRules,
    response: Rules,
    handle: async ({ deps, caller, body, request, reply }) => {
      const seen = seenBy(request, 'the rules');
      const view = await putMappingRules(deps, caller, { rules: body, seen });
      if (view.pending !== null) reply.status = 202;
      return tagged(reply, view);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mapping-rules/requests/{id}:confirm',
    summary: 'Agrees to what another administrator asked for.',
    permission: 'settings:write',
    params: IdParam,
    response: Rules,
    handle: async ({ deps, caller, params, reply }) =>
      tagged(reply, await confirmMappingRules(deps, caller, params.id)),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mapping-rules/requests/{id}:decline',
    summary: 'Refuses it; for who asked, takes it back.',
    permission: 'settings:write',
    params: IdParam,
    response: Rules,
    handle: async ({ deps, caller, params, reply }) =>
      tagged(reply, await declineMappingRules(deps, caller, params.id)),
  }),
];
