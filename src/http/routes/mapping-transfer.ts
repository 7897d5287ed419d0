import * as z from 'zod';
import { exportMappings } from '../../app/flows/export-mappings.ts';
import { importMappings } from '../../app/flows/import-mappings.ts';
import { listReplays, replayMapping } from '../../app/flows/replay-mapping.ts';
import { previewRollBack, rollBackMapping } from '../../app/flows/roll-back-mapping.ts';
import { defineRoute } from '../define-route.ts';
import { Instant } from '../fields.ts';
import {
  MappingChange,
  MappingDifference,
  MappingParam,
  MappingProblem,
} from '../mapping-shapes.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Flag = z.enum(['true', 'false']).default('false');

const transfer = [
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings:export',
    summary: 'What is in effect as one YAML text of several documents.',
    permission: 'mappings:read',
    query: z.strictObject({
      ids: z.string().max(20_000).optional().meta({ description: 'Ids, parted by commas.' }),
      shipped: Flag.meta({ description: 'Also shipped mappings that nobody changed.' }),
    }),
    texts: { 'application/yaml': (answer) => z.object({ text: z.string() }).parse(answer).text },
    response: z.object({
      mappings: z.array(z.object({ id: z.string(), version: z.number().int() })),
      text: z.string(),
    }),
    handle: ({ deps, caller, query }) =>
      exportMappings(deps, caller, {
        ids: query.ids?.split(','),
        shipped: query.shipped === 'true',
      }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings:import',
    summary:
      'Shows what a text of mappings differs in from here, and makes drafts of it, all or none.',
    permission: 'mappings:write',
    body: z.strictObject({
      text: z.string().min(1).max(1_000_000),
      dryRun: z.boolean().default(false),
    }),
    response: z.object({
      dryRun: z.boolean(),
      mappings: z.array(
        z.object({
          index: z.number().int(),
          id: z.string().nullable(),
          state: z.enum(['new', 'changed', 'same', 'refused']),
          differences: z.array(MappingDifference),
          missingConnections: z.array(z.string()),
          problems: z.array(MappingProblem),
        }),
      ),
      drafts: z.array(z.string()),
    }),
    handle: ({ deps, caller, body }) => importMappings(deps, caller, body),
  }),
];

const RollBackPreview = z
  .object({
    id: z.string(),
    from: z.number().int(),
    to: z.number().int(),
    undone: z.array(z.number().int()),
    differences: z.array(MappingDifference),
    facts: z
      .object({
        records: z.number().int(),
        changed: z.number().int(),
        unchanged: z.number().int(),
        failed: z.number().int(),
        complete: z.boolean(),
      })
      .nullable(),
    records: z
      .object({
        changed: z.number().int(),
        created: z.number().int(),
        unknown: z.number().int(),
      })
      .nullable(),
    changedSince: z
      .object({
        records: z.number().int(),
        fields: z.number().int(),
        first: z.array(
          z.object({
            connection: z.string(),
            object: z.string(),
            vendorId: z.string().nullable(),
            canonicalId: z.string(),
            field: z.string(),
            before: z.json(),
            written: z.json(),
            now: z.json(),
          }),
        ),
        lookedAt: z.number().int(),
        complete: z.boolean(),
        notes: z.array(z.string()),
      })
      .nullable()
      .meta({
        description: 'Fields that somebody else changed since; they are kept unless `overwrite`.',
      }),
  })
  .meta({ id: 'RollBackPreview', description: 'What a roll back would change.' });

const again = [
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings/{id}:rollback',
    summary:
      'Asks for an earlier content to be put in effect again, or counts what that would change.',
    permission: 'mappings:write',
    params: MappingParam,
    body: z.strictObject({
      version: z.number().int().positive(),
      restore: z.boolean().default(false).meta({
        description: 'Bring records of connected systems back to what they were before.',
      }),
      overwrite: z.boolean().default(false).meta({
        description: 'With restore: also the fields that somebody else changed since.',
      }),
      note: z.string().max(2_000).default(''),
      dryRun: z.boolean().default(false),
    }),
    response: z.object({ change: MappingChange.nullable(), preview: RollBackPreview }),
    // It maps up to 100,000 landed records to count what would change.
    mostInFlight: 2,
    handle: async ({ deps, caller, params, body, reply }) => {
      const { dryRun, ...rest } = body;
      const input = { id: params.id, ...rest };
      if (dryRun) return { change: null, preview: await previewRollBack(deps, caller, input) };
      const asked = await rollBackMapping(deps, caller, input);
      reply.status = 201;
      reply.headers['location'] = `/api/v1/change-requests/${asked.change.id}`;
      return asked;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/mappings/{id}:replay',
    summary: 'Maps landed records again without a call to their system; one run a connection.',
    permission: 'mappings:publish',
    params: MappingParam,
    body: z.strictObject({
      scope: z.enum(['all', 'failed', 'cause']).default('all').meta({
        description:
          'All landed records, those that the mapping failed on, or those of them with one cause.',
      }),
      cause: z.string().min(1).max(100).optional().meta({
        description: 'With the scope `cause`: the id of the group of errors.',
      }),
    }),
    status: 202,
    response: z.object({
      replays: z.array(
        z.object({
          runId: z.string(),
          connection: z.string(),
          stream: z.string(),
          records: z.number().int(),
          underWay: z.boolean().meta({
            description: 'True where it was asked for before and is not through yet.',
          }),
        }),
      ),
      documents: z.number().int().nullable().meta({
        description: 'Documents that are looked at again; null for an inbound mapping.',
      }),
    }),
    handle: ({ deps, caller, params, body }) =>
      replayMapping(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/mappings/{id}/replays',
    summary: 'Replays of a mapping with how far they are, newest first.',
    permission: 'mappings:read',
    params: MappingParam,
    query: PageQuery,
    response: pageOf(
      z
        .object({
          runId: z.string(),
          connection: z.string(),
          stream: z.string(),
          mappingVersion: z.number().int(),
          scope: z.enum(['all', 'failed', 'cause', 'records']),
          cause: z.string().nullable(),
          status: z.enum(['running', 'succeeded']),
          records: z.number().int(),
          done: z.number().int(),
          facts: z.number().int(),
          failedBefore: z.number().int(),
          failed: z.number().int(),
          requestedBy: z.string(),
          startedAt: Instant,
          finishedAt: Instant.nullable(),
        })
        .meta({ id: 'Replay', description: 'Landed records that a mapping maps again.' }),
    ),
    handle: async ({ deps, caller, params, query: { cursor, limit } }) =>
      toPage(
        await listReplays(deps, caller, { id: params.id, before: cursor, limit: limit + 1 }),
        limit,
        (replay) => replay.runId,
      ),
  }),
];

export const routes = [...transfer, ...again];
