import * as z from 'zod';
import { CalendarDate, Sha256 } from '../canonical/fields.ts';
import { ReconciliationCycle } from '../canonical/reconciliation-cycle.ts';
import { RemediationTask } from '../canonical/remediation-task.ts';
import { Instant, Open } from './fields.ts';

const Period = z
  .object({ from: CalendarDate, to: CalendarDate })
  .meta({ description: 'From the first day up to the day before `to`.' });
const Money = z.object({ amount: z.string(), currency: z.string() });
const Count = z.number().int();

export const CycleStatus = ReconciliationCycle.shape.status;

/** The present computation of a cycle. */
const Round = z.object({
  runId: z.string(),
  asOf: CalendarDate,
  knownAt: Instant,
  gate: z
    .array(
      z.object({
        connection: z.string(),
        stream: z.string(),
        lastReadAt: Instant.nullable(),
        problem: z.string().nullable(),
      }),
    )
    .meta({ description: 'Every stream that feeds it, as it stood when the data were frozen.' }),
  gateReason: z
    .string()
    .nullable()
    .meta({ description: 'Why what is not whole was taken as it is.' }),
  askedBy: z.string(),
  askedAt: Instant,
  computedAt: Instant.nullable().meta({ description: 'Null while its run is being computed.' }),
  content: Open.nullable(),
  statementHash: Sha256.nullable(),
  signedOffAt: Instant.nullable(),
});

export const Cycle = z
  .object({
    id: z.string(),
    seriesId: z.string(),
    name: z.string(),
    scope: z.object({ kind: z.string(), ref: z.string().nullable() }),
    frequency: ReconciliationCycle.shape.frequency,
    period: Period,
    owner: z.string(),
    status: CycleStatus,
    round: Count,
    openedBy: z.string(),
    openedAt: Instant,
    now: Round.nullable(),
  })
  .meta({ id: 'ReconciliationCycle', description: 'A review of positions that people sign off.' });

const Blocker = z.object({ kind: z.string(), subject: z.string(), text: z.string() });

export const ShownCycle = Cycle.extend({
  signOffs: z.array(
    z.object({ role: z.string(), person: z.string(), at: Instant, statementHash: Sha256 }),
  ),
  history: z.array(
    z.object({ at: Instant, by: z.string(), step: z.string(), reason: z.string().nullable() }),
  ),
  blockers: z.array(Blocker).meta({ description: 'What keeps it from being signed; at most 500.' }),
});

export const CycleDecision = z.enum(['noted', 'accepted', 'remediated']);

export const CycleVariance = z
  .object({
    subject: z.string().meta({ description: '`position:<line>` or `finding:<id>`.' }),
    kind: z.string(),
    severity: z.string().nullable(),
    sku: z.string().nullable(),
    owner: z.string().nullable(),
    quantity: z.string().nullable(),
    amount: z.string().nullable(),
    currency: z.string().nullable(),
    summary: z.string(),
    decision: CycleDecision.nullable(),
    reason: z.string().nullable(),
    decidedBy: z.string().nullable(),
  })
  .meta({ id: 'CycleVariance' });

export const CycleTask = z
  .object({
    id: z.string(),
    cycleId: z.string(),
    subject: z.string(),
    action: RemediationTask.shape.action,
    owner: z.string(),
    dueAt: CalendarDate,
    overdue: z.boolean(),
    note: z.string().nullable(),
    madeBy: z.string(),
    madeAt: Instant,
    closedAt: Instant.nullable(),
    closedBy: z.string().nullable(),
    proof: z.string().nullable(),
  })
  .meta({ id: 'RemediationTask' });

export const CycleStatement = z
  .object({
    body: Open,
    text: z.string().meta({ description: 'RFC 8785; this is what is hashed.' }),
    hash: Sha256,
  })
  .meta({ id: 'CycleStatement' });

export const CycleVerification = z
  .object({
    cycleId: z.string(),
    runId: z.string(),
    asOf: CalendarDate,
    knownAt: Instant,
    equal: z.boolean(),
    checks: z.array(
      z.object({
        what: z.enum(['input', 'rules', 'result', 'statement', 'signatures']),
        expected: z.string(),
        actual: z.string(),
        equal: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'CycleVerification' });

const Share = z.string().nullable();

export const CycleKpis = z
  .object({
    cycleId: z.string(),
    utilisation: z.array(
      z.object({
        group: z.string(),
        owned: Share,
        seats: Share,
        used: Share,
        assigned: Share,
        active: Share,
        yield: Share,
      }),
    ),
    daysToRemediate: z.object({ median: z.number(), mean: z.number() }).nullable(),
    saved: z.array(Money),
    open: z.array(Money),
    tasks: z.object({ open: Count, overdue: Count, done: Count }),
    trend: z.array(
      z.object({
        cycleId: z.string(),
        period: Period,
        status: CycleStatus,
        asOf: CalendarDate,
        lines: Count,
        variances: Count,
        findings: Count,
        trueUpCost: z.array(Money),
      }),
    ),
  })
  .meta({ id: 'CycleKpis' });
