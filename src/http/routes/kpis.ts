import * as z from 'zod';
import { KPI_GROUPS, showKpis } from '../../app/flows/show-kpis.ts';
import { defineRoute } from '../define-route.ts';

const Figure = z.string().nullable();
const Money = z.object({ amount: z.string(), currency: z.string() });

const Kpis = z
  .object({
    runId: z.string(),
    asOf: z.string(),
    by: z.enum(KPI_GROUPS),
    utilisation: z.array(
      z.object({
        group: z.string(),
        owned: Figure,
        seats: Figure,
        used: Figure,
        uncovered: Figure,
        assigned: Figure,
        active: Figure,
        yield: Figure,
      }),
    ),
    findings: z.array(
      z.object({
        kind: z.string(),
        open: z.number().int(),
        overdue: z.number().int(),
        accepted: z.number().int(),
        resolved: z.number().int(),
        daysToRemediate: z.object({ median: z.number(), mean: z.number() }).nullable(),
        atStake: z.array(Money),
        saved: z.array(Money),
      }),
    ),
    trend: z.array(
      z.object({
        runId: z.string(),
        asOf: z.string(),
        positions: z.number().int(),
        findings: z.number().int(),
        opened: z.number().int(),
        resolved: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'Kpis' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/kpis',
    summary:
      'Use of what is owned by group, how findings stand and how fast they are mended, and the trend of reconciliations.',
    permission: 'recon:read',
    query: z.strictObject({
      by: z.enum(KPI_GROUPS).default('product'),
      days: z.coerce.number().int().min(1).max(3660).default(90),
    }),
    response: Kpis,
    handle: ({ deps, caller, query }) => showKpis(deps, caller, query),
  }),
];
