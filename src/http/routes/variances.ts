import * as z from 'zod';
import { listVariances } from '../../app/flows/list-variances.ts';
import { PositionLine } from '../../canonical/position-line.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam } from '../fields.ts';

const Figure = z.string().nullable();

const Difference = z.object({
  left: z.enum(['contract', 'order', 'owned', 'seats']),
  right: z.enum(['order', 'invoice', 'seats', 'used']),
  class: z.enum(['qty', 'price', 'term', 'missing_left', 'missing_right']),
  quantity: Figure,
  money: z.object({ amount: z.string(), currency: z.string() }).nullable(),
  cause: z.string(),
  owner: z.enum(['sales', 'finance', 'customer', 'it']),
});

const Variance = z
  .object({
    posture: PositionLine.shape.posture,
    ownerRef: z.string(),
    ownerName: z.string().nullable(),
    skuCode: z.string(),
    contract: Figure,
    order: Figure,
    invoice: Figure,
    owned: Figure,
    seats: Figure,
    used: Figure,
    differences: z.array(Difference),
    evidence: z.array(z.string()),
  })
  .meta({ id: 'Variance' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/reconciliations/{id}/variances',
    summary:
      'Contract, order and invoice, rights, seats and telemetry side by side, with each difference, its likely cause, owner and money.',
    permission: 'recon:read',
    params: IdParam,
    query: z.strictObject({
      posture: PositionLine.shape.posture.optional(),
      owner: FilterText.optional(),
      sku: FilterText.optional(),
      differing: z.stringbool().optional(),
    }),
    response: z.object({
      runId: z.string(),
      asOf: z.string(),
      knownAt: z.string(),
      rows: z.array(Variance),
    }),
    handle: ({ deps, caller, params, query }) =>
      listVariances(deps, caller, {
        runId: params.id === 'latest' ? undefined : params.id,
        posture: query.posture,
        ownerRef: query.owner,
        skuCode: query.sku,
        differing: query.differing,
      }),
  }),
];
