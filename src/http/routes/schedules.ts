import * as z from 'zod';
import { changeSchedule } from '../../app/flows/change-schedule.ts';
import { listSchedules } from '../../app/flows/list-schedules.ts';
import { defineRoute } from '../define-route.ts';
import { Instant } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';

const Schedule = z
  .object({
    job: z.string(),
    key: z.string(),
    everySeconds: z.number().int(),
    enabled: z.boolean(),
    nextAt: Instant,
  })
  .meta({
    id: 'Schedule',
    description: 'What comes by the clock; a pull is keyed by its connection.',
  });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/schedules',
    summary: 'What comes by the clock, and when next.',
    permission: 'settings:read',
    query: PageQuery,
    response: pageOf(Schedule),
    handle: async ({ deps, caller, query }) => slicePage(await listSchedules(deps, caller), query),
  }),
  defineRoute({
    method: 'patch',
    path: '/api/v1/schedules',
    summary: 'Changes how often something comes by the clock, or whether it does.',
    permission: 'settings:write',
    body: z.strictObject({
      job: z.string().min(1).max(100),
      key: z.string().max(200).default(''),
      everySeconds: z.number().int().min(10).max(31_536_000).optional(),
      enabled: z.boolean().optional(),
    }),
    response: Schedule,
    handle: ({ deps, caller, body }) => changeSchedule(deps, caller, body),
  }),
];
