import * as z from 'zod';
import { buildEvidencePack, NewPack } from '../../app/flows/build-evidence-pack.ts';
import {
  downloadEvidencePack,
  listEvidencePacks,
  showEvidencePack,
} from '../../app/flows/list-evidence-packs.ts';
import { Sha256 } from '../../canonical/fields.ts';
import { defineFileRoute, defineRoute } from '../define-route.ts';
import { IdParam, Instant } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const ALL = '/api/v1/evidence-packs';
const ONE = `${ALL}/{id}`;

const Pack = z.object({
  id: z.string(),
  runId: z.string(),
  cycleId: z.string().nullable(),
  redaction: z.enum(['none', 'pseudonyms', 'no_personal_data']),
  publisher: z.string().nullable(),
  country: z.string().nullable(),
  sha256: Sha256,
  /** Bytes. */
  size: z.number().int(),
  createdBy: z.string(),
  createdAt: Instant,
});

export const routes = [
  defineRoute({
    method: 'get',
    path: ALL,
    summary: 'Evidence packs, newest first.',
    permission: 'evidence:read',
    query: PageQuery,
    response: pageOf(Pack),
    handle: async ({ deps, caller, query: { cursor, limit } }) =>
      toPage(
        await listEvidencePacks(deps, caller, { before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'post',
    path: ALL,
    summary:
      'Builds the signed evidence of a cycle or a run, cut to a publisher or a country, with persons named, hidden or left out.',
    permission: 'evidence:build',
    body: NewPack,
    status: 201,
    mostInFlight: 2,
    response: Pack,
    handle: async ({ deps, caller, body, reply }) => {
      const pack = await buildEvidencePack(deps, caller, body);
      reply.headers['location'] = `${ALL}/${pack.id}`;
      return pack;
    },
  }),
  defineRoute({
    method: 'get',
    path: ONE,
    summary: 'One pack, with the key that its reader checks it against.',
    permission: 'evidence:read',
    params: IdParam,
    response: Pack.extend({ publicKey: z.string() }),
    handle: ({ deps, caller, params }) => showEvidencePack(deps, caller, params.id),
  }),
  defineFileRoute({
    method: 'get',
    path: `${ONE}/download`,
    summary: 'The pack itself, a ZIP.',
    permission: 'evidence:read',
    contentType: 'application/zip',
    params: IdParam,
    handle: async ({ deps, caller, params, reply }) => {
      const bytes = await downloadEvidencePack(deps, caller, params.id);
      reply.headers['content-disposition'] = `attachment; filename="${params.id}.zip"`;
      return bytes;
    },
  }),
];
