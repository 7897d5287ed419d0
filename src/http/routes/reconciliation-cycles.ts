import * as z from 'zod';
import { computeCycle } from '../../app/flows/compute-cycle.ts';
import {
  listCycles,
  listCycleTasks,
  listCycleVariances,
  showCycle,
  showCycleStatement,
} from '../../app/flows/list-cycles.ts';
import { NewCycle, openCycle } from '../../app/flows/open-cycle.ts';
import { addCycleTask, closeCycleTask, reviewCycle } from '../../app/flows/review-cycle.ts';
import { showCycleKpis } from '../../app/flows/show-cycle-kpis.ts';
import { reopenCycle, signCycle } from '../../app/flows/sign-cycle.ts';
import { verifyCycle } from '../../app/flows/verify-cycle.ts';
import { CalendarDate, Sha256 } from '../../canonical/fields.ts';
import {
  Cycle,
  CycleDecision,
  CycleKpis,
  CycleStatement,
  CycleStatus,
  CycleTask,
  CycleVariance,
  CycleVerification,
  ShownCycle,
} from '../cycle-shapes.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam } from '../fields.ts';
import { PageQuery, pageOf, slicePage, toPage } from '../paging.ts';

const Words = z.string().trim().min(1).max(4000);
const Subject = z.string().min(1).max(400);
const Person = z.string().min(1).max(100);
const ALL = '/api/v1/reconciliation-cycles';
const ONE = `${ALL}/{id}`;

const reading = [
  defineRoute({
    method: 'get',
    path: ALL,
    summary: 'Reconciliation cycles, newest first.',
    permission: 'cycles:read',
    query: PageQuery.extend({ status: CycleStatus.optional(), series: FilterText.optional() }),
    response: pageOf(Cycle),
    handle: async ({ deps, caller, query: { cursor, limit, status, series } }) =>
      toPage(
        await listCycles(deps, caller, {
          status,
          seriesId: series,
          before: cursor,
          limit: limit + 1,
        }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: ONE,
    summary: 'One cycle, with its signatures, its history and what keeps it from being signed.',
    permission: 'cycles:read',
    params: IdParam,
    response: ShownCycle,
    handle: ({ deps, caller, params }) => showCycle(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: `${ONE}/variances`,
    summary: 'What did not agree in its present figures, with what was decided about it.',
    permission: 'cycles:read',
    params: IdParam,
    query: PageQuery,
    response: pageOf(CycleVariance),
    handle: async ({ deps, caller, params, query }) =>
      slicePage(await listCycleVariances(deps, caller, params.id), query),
  }),
  defineRoute({
    method: 'get',
    path: `${ONE}/statement`,
    summary: 'What was signed, or would be signed now, as it is hashed.',
    permission: 'cycles:read',
    params: IdParam,
    response: CycleStatement,
    handle: ({ deps, caller, params }) => showCycleStatement(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: `${ONE}/kpis`,
    summary:
      'Its utilisation, days to remediate and money, and how figures moved from cycle to cycle.',
    permission: 'cycles:read',
    params: IdParam,
    response: CycleKpis,
    handle: ({ deps, caller, params }) => showCycleKpis(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:verify`,
    summary: 'Computes its run once more, as known then, and compares the hashes. Changes nothing.',
    permission: 'cycles:read',
    params: IdParam,
    response: CycleVerification,
    handle: ({ deps, caller, params }) => verifyCycle(deps, caller, params.id),
  }),
];

const working = [
  defineRoute({
    method: 'post',
    path: ALL,
    summary: 'Opens a cycle. The next of its series opens by itself once it is signed and over.',
    permission: 'cycles:write',
    body: NewCycle,
    status: 201,
    response: Cycle,
    handle: async ({ deps, caller, body, reply }) => {
      const cycle = await openCycle(deps, caller, body);
      reply.headers['location'] = `${ALL}/${cycle.id}`;
      return cycle;
    },
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:compute`,
    summary:
      'Freezes what is known now and computes it; streams that are not whole are taken with a reason only.',
    permission: 'cycles:write',
    params: IdParam,
    body: z.strictObject({
      asOf: CalendarDate.nullable().default(null),
      acceptGaps: Words.nullable().default(null),
    }),
    status: 202,
    response: Cycle,
    handle: ({ deps, caller, params, body }) => computeCycle(deps, caller, { id: params.id, ...body }), // prettier-ignore
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:review`,
    summary:
      'Decides about variances that are named, or about all of a kind that nobody decided about.',
    permission: 'cycles:write',
    params: IdParam,
    body: z.strictObject({
      subjects: z.array(Subject).max(10_000).default([]),
      rest: z
        .strictObject({ kind: FilterText.nullable().default(null) })
        .nullable()
        .default(null),
      decision: CycleDecision,
      reason: Words.nullable().default(null),
    }),
    response: z.object({ subjects: z.array(z.string()) }),
    handle: ({ deps, caller, params, body }) => reviewCycle(deps, caller, { id: params.id, ...body }), // prettier-ignore
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:sign`,
    summary: 'Signs its statement, which is named by its hash, for a role.',
    permission: 'cycles:sign',
    params: IdParam,
    body: z.strictObject({
      role: z.enum(['approver', 'auditor', 'finance', 'licence-manager']),
      statementHash: Sha256,
    }),
    response: Cycle,
    handle: ({ deps, caller, params, body }) => signCycle(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:reopen`,
    summary: 'Opens it again: what was signed stays, and the next figures are a new round.',
    permission: 'cycles:write',
    params: IdParam,
    body: z.strictObject({ reason: Words }),
    response: Cycle,
    handle: ({ deps, caller, params, body }) =>
      reopenCycle(deps, caller, { id: params.id, reason: body.reason }),
  }),
];

const tasks = [
  defineRoute({
    method: 'get',
    path: `${ONE}/tasks`,
    summary: 'Its remediation tasks; those that are done only with done=true.',
    permission: 'cycles:read',
    params: IdParam,
    query: PageQuery.extend({
      done: z.stringbool().default(false),
      owner: FilterText.optional(),
    }),
    response: pageOf(CycleTask),
    handle: async ({ deps, caller, params, query: { done, owner, ...page } }) =>
      slicePage(await listCycleTasks(deps, caller, { id: params.id, done, owner }), page),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}/tasks`,
    summary: 'Asks a person to do something about a variance, until a day.',
    permission: 'cycles:write',
    params: IdParam,
    body: z.strictObject({
      subject: Subject,
      action: CycleTask.shape.action,
      owner: Person,
      dueAt: CalendarDate,
      note: Words.nullable().default(null),
    }),
    status: 201,
    response: CycleTask,
    handle: ({ deps, caller, params, body }) => addCycleTask(deps, caller, { id: params.id, ...body }), // prettier-ignore
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}/tasks/{task}:done`,
    summary: 'Says that a task is done, with what proves it.',
    permission: 'cycles:write',
    params: IdParam.extend({ task: Person }),
    body: z.strictObject({ proof: Words }),
    response: CycleTask,
    handle: ({ deps, caller, params, body }) =>
      closeCycleTask(deps, caller, { id: params.id, taskId: params.task, proof: body.proof }),
  }),
];

export const routes = [...reading, ...working, ...tasks];
