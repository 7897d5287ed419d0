import * as z from 'zod';
import { LATE_DECISIONS } from '../app/flows/decide-plan.ts';
import { Instant, Open } from './fields.ts';

export const PlanStatus = z.enum([
  'blocked',
  'observed',
  'waiting',
  'review',
  'approved',
  'applying',
  'applied',
  'incomplete',
  'stale',
  'superseded',
  'linked',
  'rejected',
]);

const Moved = z.object({ path: z.string(), approved: z.unknown(), now: z.unknown() });

export const Plan = z
  .object({
    id: z.string(),
    kind: z.enum(['closed_won', 'reopen', 'cancellation', 'reversal', 'seats']),
    subject: z.string(),
    hash: z
      .string()
      .meta({ description: 'Covers every effect and input; an approval binds to it.' }),
    status: PlanStatus,
    body: Open,
    createdAt: Instant,
    approvedBy: z.string().nullable(),
    approvedHash: z.string().nullable(),
    approvedAt: Instant.nullable(),
    appliedAt: Instant.nullable(),
    decision: z.enum(LATE_DECISIONS).nullable(),
    decidedBy: z.string().nullable(),
    decidedAt: Instant.nullable(),
    moved: z
      .array(Moved)
      .nullable()
      .meta({ description: 'What moved between the approval and apply, where it was refused.' }),
    holdId: z.string().nullable(),
    problem: z.object({ code: z.string(), message: z.string(), at: Instant }).nullable().meta({
      description: 'Why an approved plan could not be applied when it was last tried.',
    }),
  })
  .meta({ id: 'Plan' });

/** What a plan changes against what is there, and how far it is. */
export const PlanChanges = z.object({
  changes: z.object({
    readAt: Instant.nullable(),
    records: z.array(
      z.object({
        connection: z.string(),
        object: z.string(),
        vendorId: z.string().nullable(),
        name: z.string().nullable(),
        does: z.enum(['create', 'update', 'nothing', 'unread']),
        fields: z.array(
          z.object({
            field: z.string(),
            label: z.string().nullable(),
            present: z.unknown(),
            planned: z.unknown(),
            presentName: z.string().nullable(),
            plannedName: z.string().nullable(),
          }),
        ),
      }),
    ),
    unread: z.array(z.object({ connection: z.string(), object: z.string(), reason: z.string() })),
    shown: z.string().nullable().meta({
      description:
        'Names these present values: an approval that gives it is given over exactly them.',
    }),
    calls: z.number().int(),
    products: z.record(z.string(), z.string()),
    approver: z.string().nullable(),
  }),
  mode: z.object({ mode: z.enum(['observe', 'propose', 'write']), because: z.string() }),
  progress: z
    .object({
      of: z.number().int(),
      done: z.number().int(),
      more: z.number().int().meta({ description: 'How many of both lists are not in them.' }),
      overtaken: z
        .array(
          z.object({
            intentId: z.string(),
            connection: z.string(),
            object: z.string(),
            why: z.string(),
          }),
        )
        .meta({ description: 'What it does not do any more, and why.' }),
      waiting: z.array(
        z.object({
          intentId: z.string(),
          connection: z.string(),
          object: z.string(),
          state: z.string(),
          why: z.string(),
        }),
      ),
    })
    .nullable(),
});
