import * as z from 'zod';
import { CalendarDate } from '../canonical/fields.ts';
import { PositionStatus } from '../canonical/position-line.ts';
import { Instant, Open } from './fields.ts';

/** A metric with what may be stated for it. */
export const LicenceMetric = z
  .object({
    code: z.string(),
    version: z.number().int(),
    title: z.string(),
    family: z.string(),
    unit: z.string(),
    source: z.string(),
    parameters: Open.meta({ description: 'JSON Schema, with the values that hold by default.' }),
  })
  .meta({ id: 'LicenceMetric' });

export const RuleSet = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    createdBy: z.string(),
    createdAt: Instant,
  })
  .meta({ id: 'RuleSet' });

const Status = z.enum(['draft', 'submitted', 'approved']);

export const ShownRuleSet = RuleSet.extend({
  inForce: z.string().nullable().meta({ description: 'The version in force today.' }),
  next: z.object({ version: z.string().nullable(), from: CalendarDate }).nullable(),
  draft: z.object({ version: z.string(), status: Status }).nullable(),
}).meta({ id: 'ShownRuleSet' });

export const RuleVersion = z
  .object({
    ruleSet: z.string(),
    version: z.string(),
    status: Status,
    contentHash: z.string(),
    authors: z.array(z.string()),
    savedAt: Instant,
    submittedBy: z.string().nullable(),
    submittedAt: Instant.nullable(),
    approvedBy: z.string().nullable(),
    approvedAt: Instant.nullable(),
    shadowId: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'RuleVersion' });

const Term = z.object({
  number: z.number().int(),
  version: z.string().nullable(),
  effectiveFrom: CalendarDate,
  until: CalendarDate.nullable(),
  rolledBackFrom: z.string().nullable(),
});

/** Which version holds when. */
export const RuleSetTerms = z
  .object({ ruleSet: z.string(), terms: z.array(Term) })
  .meta({ id: 'RuleSetTerms' });

export const RuleSetLife = ShownRuleSet.extend({
  versions: z.array(RuleVersion),
  terms: z.array(Term),
}).meta({ id: 'RuleSetLife' });

export const RuleCheck = z
  .object({
    ok: z.boolean(),
    problems: z.array(z.object({ path: z.string(), message: z.string() })),
    tests: z.array(z.object({ test: z.string(), case: z.string(), problems: z.array(z.string()) })),
  })
  .meta({ id: 'RuleCheck' });

const Moved = z.object({
  before: z.string().nullable(),
  after: z.string().nullable(),
  difference: z.string().nullable(),
});
const MaybeStatus = PositionStatus.nullable();

export const RuleShadow = z
  .object({
    id: z.string(),
    version: z.string(),
    contentHash: z.string(),
    asOf: CalendarDate,
    knownAt: Instant,
    runBy: z.string(),
    runAt: Instant,
    compared: z.number().int(),
    moved: z.array(
      z.object({
        lineId: z.string(),
        posture: z.string(),
        ownerRef: z.string(),
        ownerName: z.string().nullable(),
        skuCode: z.string(),
        metricCode: z.string().nullable(),
        status: z.object({ before: MaybeStatus, after: MaybeStatus }),
        currency: z.string().nullable(),
        figures: z.object({
          rightsRequired: Moved,
          surplus: Moved,
          shortfall: Moved,
          trueUpCost: Moved,
          overLicensedAmount: Moved,
        }),
      }),
    ),
    money: z.array(
      z.object({ currency: z.string(), trueUpCost: Moved, overLicensedAmount: Moved }),
    ),
    resultHash: z.string(),
  })
  .meta({ id: 'RuleShadow', description: 'What rules would move, over one frozen world.' });

export const RuleVersionText = RuleVersion.extend({
  document: Open,
  check: RuleCheck,
  shadow: RuleShadow.nullable(),
}).meta({ id: 'RuleVersionText' });
