import * as z from 'zod';
import { explainPosition } from '../../app/flows/explain-position.ts';
import { listPositions } from '../../app/flows/list-positions.ts';
import { listReconciliations } from '../../app/flows/list-reconciliations.ts';
import { showRunDelta } from '../../app/flows/show-run-delta.ts';
import { showReconciliation } from '../../app/flows/show-reconciliation.ts';
import { startReconciliation } from '../../app/flows/start-reconciliation.ts';
import { PositionLine, PositionStatus } from '../../canonical/position-line.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Open } from '../fields.ts';
import { offsetOf, PageQuery, pageOf, toPage } from '../paging.ts';

const Reconciliation = z
  .object({
    id: z.string(),
    asOf: z.string(),
    knownAt: z.string(),
    ruleVersions: z.record(z.string(), z.number().int()),
    ruleSets: z.record(z.string(), z.string()).meta({
      description: 'The version of each rule set that it counted by.',
    }),
    factorTables: z.record(z.string(), z.string()).meta({
      description: 'The edition of each table of factors.',
    }),
    inputHash: z.string(),
    resultHash: z.string(),
    status: z.string(),
    complete: z.boolean(),
    current: z.boolean(),
    counts: z.record(z.string(), z.number().int()),
    startedAt: z.string(),
    finishedAt: z.string(),
  })
  .meta({ id: 'Reconciliation' });

const Position = z
  .object({
    runId: z.string(),
    line: PositionLine,
    inputs: Open,
    steps: z.array(z.string()),
  })
  .meta({ id: 'Position' });

const RunRef = z.object({ id: z.string(), asOf: z.string(), knownAt: z.string() });

const FigureDelta = z
  .object({
    before: z.string(),
    after: z.string(),
    total: z.string(),
    by: z.object({
      rule: z.string(),
      dataCorrection: z.string(),
      entitlement: z.string(),
      demand: z.string(),
    }),
  })
  .nullable();

const LineDelta = z.object({
  lineId: z.string(),
  posture: PositionLine.shape.posture,
  ownerRef: z.string(),
  ownerName: z.string().nullable(),
  skuCode: z.string(),
  figures: z.object({
    rightsOwned: FigureDelta,
    rightsRequired: FigureDelta,
    surplus: FigureDelta,
    shortfall: FigureDelta,
  }),
});

/** `latest` stands for the newest reconciliation of today. */
const runOf = (id: string): string | undefined => (id === 'latest' ? undefined : id);

const runs = [
  defineRoute({
    method: 'get',
    path: '/api/v1/reconciliations',
    summary: 'Reconciliations, newest first.',
    permission: 'recon:read',
    query: PageQuery,
    response: pageOf(Reconciliation),
    handle: async ({ deps, caller, query: { cursor, limit } }) => {
      const offset = offsetOf(cursor);
      const rows = await listReconciliations(deps, caller, offset + limit + 1);
      return toPage(rows.slice(offset), limit, (_row, at) => String(offset + at + 1));
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/reconciliations',
    summary:
      'Starts a reconciliation of today, or of another day or as known at an earlier instant; it appears under the id that is answered.',
    permission: 'recon:run',
    query: z.strictObject({
      asOf: z.iso.date().optional(),
      knownAt: z.iso.datetime({ offset: true }).optional(),
    }),
    status: 202,
    response: z.object({ reconciliationId: z.string() }),
    handle: async ({ deps, caller, reply, query }) => {
      const started = await startReconciliation(deps, caller, query);
      reply.headers['location'] = `/api/v1/reconciliations/${started.reconciliationId}`;
      return started;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/reconciliations/{id}',
    summary: 'One reconciliation.',
    permission: 'recon:read',
    params: IdParam,
    etag: true,
    response: Reconciliation,
    handle: ({ deps, caller, params }) => showReconciliation(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/reconciliations/{id}/delta',
    summary:
      'What moved since another reconciliation, line by line, and how much of it by rules, corrections, rights and demand.',
    permission: 'recon:read',
    params: IdParam,
    query: z.strictObject({ against: FilterText.optional() }),
    response: z
      .object({ before: RunRef, after: RunRef, lines: z.array(LineDelta) })
      .meta({ id: 'ReconciliationDelta' }),
    handle: ({ deps, caller, params, query }) =>
      showRunDelta(deps, caller, { runId: runOf(params.id), against: query.against }),
  }),
];

const positions = [
  defineRoute({
    method: 'get',
    path: '/api/v1/reconciliations/{id}/positions',
    summary: 'The position lines of a reconciliation; `latest` names the newest.',
    permission: 'recon:read',
    params: IdParam,
    query: PageQuery.extend({
      posture: PositionLine.shape.posture.optional(),
      status: PositionStatus.optional(),
      owner: FilterText.optional(),
      sku: FilterText.optional(),
    }),
    response: pageOf(Position),
    handle: async ({
      deps,
      caller,
      params,
      query: { cursor, limit, posture, status, owner, sku },
    }) => {
      const runId = runOf(params.id);
      if (runId !== undefined) await showReconciliation(deps, caller, runId);
      const filter = {
        runId,
        posture,
        status,
        ownerRef: owner,
        skuCode: sku,
        after: cursor,
        limit: limit + 1,
      };
      return toPage(await listPositions(deps, caller, filter), limit, (row) => row.line.id);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/reconciliations/{id}/positions/{lineId}/explain',
    summary:
      'A position line taken apart, down to source records, with rule versions and arithmetic.',
    permission: 'recon:read',
    params: IdParam.extend({ lineId: z.string().min(1).max(400) }),
    response: z.looseObject({
      runId: z.string(),
      asOf: z.string(),
      knownAt: z.string(),
      line: PositionLine,
      steps: z.array(z.string()),
    }),
    handle: ({ deps, caller, params }) =>
      explainPosition(deps, caller, { lineId: params.lineId, runId: runOf(params.id) }),
  }),
];

export const routes = [...runs, ...positions];
