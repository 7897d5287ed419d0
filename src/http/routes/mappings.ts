import * as z from 'zod';
import { beginFromTemplate } from '../../app/flows/begin-from-template.ts';
import { diffMapping } from '../../app/flows/diff-mapping.ts';
import { discardDraft } from '../../app/flows/discard-draft.ts';
import { editDraft, MappingEdit } from '../../app/flows/edit-draft.ts';
import { listMappingVersions } from '../../app/flows/list-mapping-versions.ts';
import { listMappings } from '../../app/flows/list-mappings.ts';
import { newMapping, saveDraft } from '../../app/flows/save-draft.ts';
import { showDraft } from '../../app/flows/show-draft.ts';
import { showMapping } from '../../app/flows/show-mapping.ts';
import { showMappingVersion } from '../../app/flows/show-mapping-version.ts';
import { showRowHistory } from '../../app/flows/show-row-history.ts';
import { submitMapping } from '../../app/flows/submit-mapping.ts';
import { testMapping } from '../../app/flows/test-mapping.ts';
import { validateMapping } from '../../app/flows/validate-mapping.ts';
import { defineRoute, type ReplyHead } from '../define-route.ts';
import { FilterText, Open } from '../fields.ts';
import { etagOf, seenBy } from '../if-match.ts';
import {
  MappingChange,
  MappingDifference,
  MappingDraft,
  MappingInput,
  MappingParam,
  MappingProblem,
  MappingVersion,
  MappingView,
  RowVersion,
  TemplateInput,
} from '../mapping-shapes.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';

const YAML = 'application/yaml';

/** The text of an answer that has one. */
function textOf(answer: unknown): string {
  return z.object({ text: z.string() }).parse(answer).text;
}

/** Gives a draft with the tag that its next change has to name. */
function tagged<Draft extends { readonly tag: string }>(reply: ReplyHead, draft: Draft): Draft {
  reply.headers['etag'] = etagOf(draft.tag);
  return draft;
}

const reading = [
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings',
    summary: 'Every mapping, shipped or the company’s own, by id.',
    permission: 'mappings:read',
    query: PageQuery.extend({ object: FilterText.optional(), state: FilterText.optional() }),
    response: pageOf(MappingView),
    handle: async ({ deps, caller, query }) => {
      const all = await listMappings(deps, caller);
      const wanted = all.filter(
        ({ source, target, state }) =>
          (query.object === undefined || [source.object, target.object].includes(query.object)) &&
          (query.state === undefined || state === query.state),
      );
      return slicePage(wanted, query);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings/{id}',
    summary: 'One mapping with the text in effect; as application/yaml, that text alone.',
    permission: 'mappings:read',
    params: MappingParam,
    etag: true,
    texts: { [YAML]: textOf },
    response: MappingView.extend({ text: z.string(), document: Open }),
    handle: ({ deps, caller, params }) => showMapping(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings/{id}/versions',
    summary: 'What is and was in effect under an id, newest first.',
    permission: 'mappings:read',
    params: MappingParam,
    query: PageQuery,
    response: pageOf(MappingVersion),
    handle: async ({ deps, caller, params, query }) =>
      slicePage(await listMappingVersions(deps, caller, params.id), query),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings/{id}/versions/{version}',
    summary: 'One version with its text; as application/yaml, that text alone.',
    permission: 'mappings:read',
    params: MappingParam.extend({ version: z.coerce.number().int().positive().max(1_000_000) }),
    etag: true,
    texts: { [YAML]: textOf },
    response: MappingVersion.extend({ text: z.string(), document: Open }),
    handle: ({ deps, caller, params }) => showMappingVersion(deps, caller, params),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings/{id}/rows/{row}/history',
    summary: 'The versions that changed one row, newest first, and how each of them did.',
    permission: 'mappings:read',
    params: MappingParam.extend({ row: z.string().min(1).max(200) }),
    query: PageQuery,
    response: pageOf(RowVersion),
    handle: async ({ deps, caller, params, query }) =>
      slicePage(await showRowHistory(deps, caller, params), query),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings/{id}/diff',
    summary: 'What two contents of a mapping differ in, in words.',
    permission: 'mappings:read',
    params: MappingParam,
    query: z.strictObject({
      from: contentRef('live'),
      to: contentRef('draft'),
    }),
    response: z.object({
      id: z.string(),
      from: z.string(),
      to: z.string(),
      differences: z.array(MappingDifference),
    }),
    handle: ({ deps, caller, params, query }) =>
      diffMapping(deps, caller, { id: params.id, ...query }),
  }),
];

/** A version's number, `live` or `draft`. */
function contentRef(fallback: 'live' | 'draft') {
  const number = z.coerce.number().int().positive().max(1_000_000);
  return z.union([z.enum(['live', 'draft']), number]).default(fallback);
}

const drafts = [
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings',
    summary:
      'Begins a mapping that does not exist yet, as a draft: a text, or the rows of another.',
    permission: 'mappings:write',
    body: z.union([...MappingInput.options, TemplateInput]),
    status: 201,
    response: MappingDraft,
    handle: async ({ deps, caller, body, reply }) => {
      const draft =
        'template' in body
          ? await beginFromTemplate(deps, caller, body)
          : await newMapping(deps, caller, body);
      reply.headers['location'] = `/api/v1/mappings/${draft.mappingId}/draft`;
      return tagged(reply, draft);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings/{id}/draft',
    summary: 'What is being written of a mapping.',
    permission: 'mappings:read',
    params: MappingParam,
    etag: true,
    texts: { [YAML]: textOf },
    response: MappingDraft,
    handle: async ({ deps, caller, params, reply }) =>
      tagged(reply, await showDraft(deps, caller, params.id)),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/mappings/{id}/draft',
    summary: 'Replaces the draft of a mapping, or begins it. What does not fit is not stored.',
    permission: 'mappings:write',
    params: MappingParam,
    body: z.union([
      z.strictObject({ text: z.string().min(1).max(300_000), baseVersion: baseVersion() }),
      z.strictObject({ document: Open, baseVersion: baseVersion() }),
    ]),
    response: MappingDraft,
    handle: async ({ deps, caller, params, body, request, reply }) => {
      const seen = seenBy(request, 'the draft');
      return tagged(
        reply,
        await saveDraft(deps, caller, { id: params.id, seen, mustSayBase: true, ...body }),
      );
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/api/v1/mappings/{id}/draft',
    summary:
      'Edits rows; comments and every other line stay. Begins the draft where there is none.',
    permission: 'mappings:write',
    params: MappingParam,
    body: z.strictObject({
      edits: z.array(MappingEdit).min(1).max(1_000),
      baseVersion: baseVersion(),
    }),
    response: MappingDraft,
    handle: async ({ deps, caller, params, body, request, reply }) => {
      const seen = seenBy(request, 'the draft');
      return tagged(reply, await editDraft(deps, caller, { id: params.id, seen, ...body }));
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/api/v1/mappings/{id}/draft',
    summary: 'Throws a draft away; a request for it is withdrawn.',
    permission: 'mappings:write',
    params: MappingParam,
    response: MappingDraft,
    handle: ({ deps, caller, params, request }) =>
      discardDraft(deps, caller, { id: params.id, seen: seenBy(request, 'the draft') }),
  }),
];

function baseVersion() {
  return z.number().int().positive().optional().meta({
    description:
      'The version in effect that you have taken into account; needed once another one came into effect.',
  });
}

const checking = [
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings:validate',
    summary: 'Everything that can be said about a text without a record.',
    permission: 'mappings:read',
    body: z.strictObject({ text: z.string().max(300_000) }),
    response: z.object({ ok: z.boolean(), problems: z.array(MappingProblem) }),
    handle: ({ deps, caller, body }) => validateMapping(deps, caller, body),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings/{id}:test',
    summary:
      'Runs the mapping’s own tests: of the text given, else of its draft, else of what is in effect.',
    permission: 'mappings:read',
    params: MappingParam,
    body: z.strictObject({ text: z.string().max(300_000).optional() }),
    response: z.object({
      id: z.string(),
      ok: z.boolean(),
      tests: z.array(
        z.object({ name: z.string(), passed: z.boolean(), difference: z.string().nullable() }),
      ),
    }),
    handle: ({ deps, caller, params, body }) =>
      testMapping(deps, caller, { id: params.id, text: body.text }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings/{id}:submit',
    summary:
      'Asks for the draft to be put in effect, once it is checked; with If-Match, exactly that one. It is frozen meanwhile.',
    permission: 'mappings:write',
    params: MappingParam,
    body: z.strictObject({
      note: z.string().max(2_000).default(''),
      replay: z
        .boolean()
        .default(true)
        .meta({ description: 'Map landed records again once it is in effect.' }),
    }),
    status: 201,
    response: MappingChange,
    handle: async ({ deps, caller, params, body, request, reply }) => {
      const says = request.headers['if-match'] !== undefined;
      const seen = says ? seenBy(request, 'the draft') : undefined;
      const change = await submitMapping(deps, caller, { id: params.id, seen, ...body });
      reply.headers['location'] = `/api/v1/change-requests/${change.id}`;
      return change;
    },
  }),
];

export const routes = [...reading, ...drafts, ...checking];
