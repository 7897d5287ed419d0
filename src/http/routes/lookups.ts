import * as z from 'zod';
import { acceptSuggestions } from '../../app/flows/accept-suggestions.ts';
import { diffLookup } from '../../app/flows/diff-lookup.ts';
import { exportLookup } from '../../app/flows/export-lookup.ts';
import { importLookup } from '../../app/flows/import-lookup.ts';
import { listLookupEntries } from '../../app/flows/list-lookup-entries.ts';
import { listLookupVersions } from '../../app/flows/list-lookup-versions.ts';
import { listLookups } from '../../app/flows/list-lookups.ts';
import { listUnmatched } from '../../app/flows/list-unmatched.ts';
import { LookupKind, makeLookup } from '../../app/flows/make-lookup.ts';
import { restoreLookup } from '../../app/flows/restore-lookup.ts';
import { setLookup } from '../../app/flows/set-lookup.ts';
import { showLookup } from '../../app/flows/show-lookup.ts';
import { defineRoute } from '../define-route.ts';
import { Slug } from '../fields.ts';
import { seenBy } from '../if-match.ts';
import {
  changedLookup,
  Lookup,
  LookupAfter,
  LookupCell,
  LookupChange,
  LookupEntries,
  LookupEntry,
  LookupKey,
  LookupNote,
  LookupParam,
  LookupVersion,
  LookupVersionNumber,
  taggedLookup,
  UnmatchedKey,
} from '../lookup-shapes.ts';
import { offsetOf, PageQuery, pageOf, slicePage, toPage } from '../paging.ts';

const reading = [
  // Before the table itself, whose path would take the verb for part of a name.
  defineRoute({
    method: 'get',
    path: '/api/v1/lookups/{id}:export',
    summary: 'A table as a file that can be imported again; that text alone as text/plain.',
    permission: 'lookups:read',
    params: LookupParam,
    query: z.strictObject({
      format: z.enum(['csv', 'json', 'yaml']).default('csv'),
      version: LookupVersionNumber.optional(),
    }),
    texts: { 'text/plain': (answer) => z.object({ text: z.string() }).parse(answer).text },
    response: z.object({ name: z.string(), version: z.number().int(), text: z.string() }),
    handle: ({ deps, caller, params, query }) =>
      exportLookup(deps, caller, { name: params.id, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/lookups',
    summary: 'Every lookup table, by name.',
    permission: 'lookups:read',
    query: PageQuery,
    response: pageOf(Lookup),
    handle: async ({ deps, caller, query }) => slicePage(await listLookups(deps, caller), query),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/lookups/{id}',
    summary: 'One lookup table without its entries.',
    permission: 'lookups:read',
    params: LookupParam,
    etag: true,
    response: Lookup,
    handle: async ({ deps, caller, params, reply }) =>
      taggedLookup(reply, await showLookup(deps, caller, params.id)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/lookups/{id}/entries',
    summary: 'Entries by key, with what uses them; as they were, where a version is named.',
    permission: 'lookups:read',
    params: LookupParam,
    query: PageQuery.extend({ version: LookupVersionNumber.optional() }),
    response: pageOf(LookupEntry),
    handle: async ({ deps, caller, params, query: { cursor, limit, version } }) => {
      const page = { name: params.id, version, after: cursor, limit: limit + 1 };
      return toPage(await listLookupEntries(deps, caller, page), limit, (entry) => entry.key);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/lookups/{id}/versions',
    summary: 'Who changed a table, when and why, newest first.',
    permission: 'lookups:read',
    params: LookupParam,
    query: PageQuery,
    response: pageOf(LookupVersion),
    handle: async ({ deps, caller, params, query: { cursor, limit } }) => {
      const before = cursor === undefined ? undefined : offsetOf(cursor);
      const page = { name: params.id, before, limit: limit + 1 };
      return toPage(await listLookupVersions(deps, caller, page), limit, (row) => String(row.version)); // prettier-ignore
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/lookups/{id}/diff',
    summary: 'What two versions differ in, by key; the last two unless others are named.',
    permission: 'lookups:read',
    params: LookupParam,
    query: z.strictObject({
      from: LookupVersionNumber.optional(),
      to: LookupVersionNumber.optional(),
    }),
    response: z.object({
      from: z.number().int(),
      to: z.number().int(),
      changes: z.array(LookupChange),
    }),
    handle: ({ deps, caller, params, query }) =>
      diffLookup(deps, caller, { name: params.id, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/lookups/{id}/unmatched',
    summary: 'Keys that records ask for and the table lacks, with what they may mean.',
    permission: 'lookups:read',
    params: LookupParam,
    query: PageQuery,
    response: pageOf(UnmatchedKey),
    handle: async ({ deps, caller, params, query: { cursor, limit } }) => {
      const offset = offsetOf(cursor);
      const page = { name: params.id, offset, limit: limit + 1 };
      const rows = await listUnmatched(deps, caller, page);
      return toPage(rows, limit, (_row, at) => String(offset + at + 1));
    },
  }),
];

const writing = [
  defineRoute({
    method: 'post',
    path: '/api/v1/lookups',
    summary: 'Makes a lookup table. A table that bears the name of a kind is of that kind.',
    permission: 'lookups:write',
    body: z.strictObject({
      name: Slug,
      kind: LookupKind.optional(),
      title: z.string().max(200).default(''),
      note: LookupNote,
      entries: LookupEntries.default({}),
    }),
    status: 201,
    response: LookupAfter,
    handle: async ({ deps, caller, body, reply }) => {
      const after = await makeLookup(deps, caller, body);
      reply.headers['location'] = `/api/v1/lookups/${after.lookup.name}`;
      taggedLookup(reply, after.lookup);
      return after;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/lookups/{id}:set',
    summary: 'Sets and removes entries, all or none, as a new version.',
    permission: 'lookups:write',
    params: LookupParam,
    body: z.strictObject({
      entries: LookupEntries.default({}),
      remove: z.array(LookupKey).max(100_000).default([]),
      note: LookupNote,
    }),
    response: LookupAfter,
    handle: async ({ deps, caller, params, body, request, reply }) => {
      const seen = seenBy(request, 'the table');
      return changedLookup(
        reply,
        await setLookup(deps, caller, { name: params.id, seen, ...body }),
      );
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/lookups/{id}:import',
    summary: 'Takes a file over, all or none; a dry run shows what it would change, by line.',
    permission: 'lookups:write',
    params: LookupParam,
    body: z.strictObject({
      text: z.string().max(1_000_000),
      format: z.enum(['csv', 'json', 'yaml']),
      replace: z
        .boolean()
        .default(true)
        .meta({ description: 'Take entries away that the file does not have.' }),
      dryRun: z.boolean().default(false),
      note: LookupNote,
    }),
    response: z.object({
      dryRun: z.boolean(),
      ok: z.boolean(),
      changes: z.array(LookupChange.extend({ line: z.number().int().nullable() })),
      invalid: z.array(LookupCell),
      done: LookupAfter.nullable(),
    }),
    handle: async ({ deps, caller, params, body, request, reply }) => {
      const seen = seenBy(request, 'the table');
      const result = await importLookup(deps, caller, { name: params.id, seen, ...body });
      if (result.done !== null) taggedLookup(reply, result.done.lookup);
      return result;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/lookups/{id}:restore',
    summary: 'Brings the entries of an earlier version back, as a new version.',
    permission: 'lookups:write',
    params: LookupParam,
    body: z.strictObject({ version: z.number().int().positive().max(1_000_000), note: LookupNote }),
    response: LookupAfter,
    handle: async ({ deps, caller, params, body, request, reply }) => {
      const seen = seenBy(request, 'the table');
      return changedLookup(
        reply,
        await restoreLookup(deps, caller, { name: params.id, seen, ...body }),
      );
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/lookups/{id}:accept',
    summary: 'Says that keys which the table lacks mean keys that it has.',
    permission: 'lookups:write',
    params: LookupParam,
    body: z.strictObject({
      accept: z
        .array(z.strictObject({ key: LookupKey, like: LookupKey }))
        .min(1)
        .max(10_000),
      note: LookupNote,
    }),
    response: LookupAfter,
    handle: async ({ deps, caller, params, body, request, reply }) => {
      const seen = seenBy(request, 'the table');
      return changedLookup(
        reply,
        await acceptSuggestions(deps, caller, { name: params.id, seen, ...body }),
      );
    },
  }),
];

export const routes = [...reading, ...writing];
