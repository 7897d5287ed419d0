import * as z from 'zod';
import { definePublicRoute } from '../define-route.ts';
import { readinessOf } from '../readiness.ts';
import { requireScraper } from '../require-scraper.ts';

const Readiness = z.object({
  ready: z.boolean(),
  parts: z.object({ database: z.boolean(), queue: z.boolean(), migrations: z.boolean() }),
});

/** What every process answers: whether it lives, whether it can work, and its figures. */
export const routes = [
  definePublicRoute({
    method: 'get',
    path: '/healthz',
    summary: 'The process is alive. Touches nothing.',
    response: z.object({ alive: z.literal(true) }),
    handle: async () => ({ alive: true }),
  }),
  definePublicRoute({
    method: 'get',
    path: '/readyz',
    summary: 'Database, queue and schema are there; 503 while one is not.',
    response: Readiness,
    handle: async ({ deps, reply }) => {
      const readiness = await readinessOf(deps);
      if (!readiness.ready) reply.status = 503;
      return readiness;
    },
  }),
  definePublicRoute({
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus: from this machine without a key, from elsewhere with one.',
    text: 'text/plain; version=0.0.4; charset=utf-8',
    response: z.string(),
    handle: async ({ deps, request }) => {
      await requireScraper(deps, request);
      return (await deps.metrics.render()).body;
    },
  }),
];
