import * as z from 'zod';
import { CalendarDate, Instant } from '../../canonical/fields.ts';
import { NOUNS } from '../../canonical/nouns.ts';
import type { SnapshotFacts } from '../snapshot.ts';

/** The nouns that a position is computed from, and the list of a snapshot that each fills. */
export const SCENARIO_NOUNS = {
  sku: 'skus',
  skuAlias: 'skuAliases',
  metricRuleVersion: 'metricRules',
  factorTable: 'factorTables',
  factorRow: 'factorRows',
  organization: 'organizations',
  agreement: 'agreements',
  entitlement: 'entitlements',
  entitlementTransaction: 'transactions',
  allocation: 'allocations',
  employmentSpell: 'spells',
  userAccount: 'accounts',
  userGroup: 'groups',
  seatAssignment: 'seats',
  seatCount: 'seatCounts',
  exception: 'exceptions',
  usageObservation: 'usage',
  device: 'devices',
  host: 'hosts',
  vm: 'vms',
  productInstance: 'instances',
  checkoutInterval: 'checkouts',
  denialEvent: 'denials',
  useRight: 'useRights',
  consumptionRule: 'consumptionRules',
  sublicense: 'sublicenses',
  suiteComponent: 'suiteComponents',
  affiliateDefinition: 'affiliateDefinitions',
  organizationRelationship: 'organizationRelationships',
} as const satisfies Readonly<Partial<Record<keyof typeof NOUNS, keyof SnapshotFacts>>>;

export type ScenarioNoun = keyof typeof SCENARIO_NOUNS;

/** Which system says so. References hold within one connection. */
const connection = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/)
  .default('scenario')
  .describe('Which system says so; references hold within one connection');

const factList = <Name extends ScenarioNoun>(noun: Name) =>
  z
    .array(NOUNS[noun].safeExtend({ connection }))
    .default([])
    .describe(`Facts of the canonical noun ${noun}`);

const Facts = z.strictObject({
  sku: factList('sku'),
  skuAlias: factList('skuAlias'),
  metricRuleVersion: factList('metricRuleVersion'),
  factorTable: factList('factorTable'),
  factorRow: factList('factorRow'),
  organization: factList('organization'),
  agreement: factList('agreement'),
  entitlement: factList('entitlement'),
  entitlementTransaction: factList('entitlementTransaction'),
  allocation: factList('allocation'),
  employmentSpell: factList('employmentSpell'),
  userAccount: factList('userAccount'),
  userGroup: factList('userGroup'),
  seatAssignment: factList('seatAssignment'),
  seatCount: factList('seatCount'),
  exception: factList('exception'),
  usageObservation: factList('usageObservation'),
  device: factList('device'),
  host: factList('host'),
  vm: factList('vm'),
  productInstance: factList('productInstance'),
  checkoutInterval: factList('checkoutInterval'),
  denialEvent: factList('denialEvent'),
  useRight: factList('useRight'),
  consumptionRule: factList('consumptionRule'),
  sublicense: factList('sublicense'),
  suiteComponent: factList('suiteComponent'),
  affiliateDefinition: factList('affiliateDefinition'),
  organizationRelationship: factList('organizationRelationship'),
} satisfies Record<ScenarioNoun, unknown>);
export type ScenarioFacts = z.output<typeof Facts>;

const Window = z
  .strictObject({ from: Instant, to: Instant })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    error: 'must end after it begins',
  });

/** Another look at the same facts: another day, another window, or facts in place of those of the same reference. */
const Case = z.strictObject({
  name: z.string().min(1),
  asOf: CalendarDate.optional(),
  knownAt: Instant.optional(),
  window: Window.optional(),
  facts: Facts.prefault({}),
  /** Nouns of which only the case's own facts exist. */
  without: z
    .array(z.enum(Object.keys(SCENARIO_NOUNS) as [ScenarioNoun, ...ScenarioNoun[]]))
    .default([]),
  /** What is expected of positions, by part number: the fields that are named must have these values. */
  expect: z.record(z.string(), z.record(z.string(), z.json())),
});

/**
 * A whole world of licences in one document: what the reconciliation reads, and what for. Nouns, fields, units and dates
 * are the canonical ones; the arithmetic on it is that of every other run.
 */
export const Scenario = z.strictObject({
  $schema: z.string().optional(),
  schemaVersion: z.literal(1),
  id: z.string().optional(),
  title: z.string().optional(),
  /** Where the case comes from: the published rule, the arithmetic. */
  source: z.string().optional(),
  asOf: CalendarDate.describe('The day that is reconciled: what is in force on it counts'),
  knownAt: Instant.optional().describe(
    'What was recorded later is left out; all counts where absent',
  ),
  window: Window.optional().describe(
    'Over which time peaks and averages are taken; 28 days up to asOf where absent',
  ),
  facts: Facts,
  /** What became known later: a fact of the same reference replaces the earlier one from then on. */
  amendments: z.array(z.strictObject({ recordedAt: Instant, facts: Facts })).default([]),
  cases: z.array(Case).default([]),
});
export type Scenario = z.output<typeof Scenario>;
export type ScenarioCase = z.output<typeof Case>;
